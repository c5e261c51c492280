package dev.torsion.tests;

import dev.torsion.netty.ReactorOptions.Io;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A test class whose tests run once for every way to watch sockets; its constructor is given
/// which, for [RealReactor#create(Io)].
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@EnumSource(value = Io.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
@interface OnEveryIo {}
