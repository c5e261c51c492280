package dev.torsion.protocols.amp;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The name that an argument, or a command of a [CommandInterface], has on the wire, where Java's
/// name for it differs.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.METHOD})
public @interface Key {
    /// 1 to 255 characters of ISO 8859-1, each sent as one byte.
    String value();
}
