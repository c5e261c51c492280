/// Scenarios of somebody who uses Torsion, as the command finds them: outside its packages.
@org.jspecify.annotations.NullMarked
package com.acme;
