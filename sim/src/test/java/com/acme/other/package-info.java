/// Another package with a class of the same name.
@org.jspecify.annotations.NullMarked
package com.acme.other;
