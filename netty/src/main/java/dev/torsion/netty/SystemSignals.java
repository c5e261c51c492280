package dev.torsion.netty;

import static java.lang.invoke.MethodType.methodType;

import dev.torsion.reactor.Signal;
import dev.torsion.reactor.SignalCalls;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;

/// The signals of this process, as the JVM tells of them: by `sun.misc.Signal`, which is reached by
/// its name, since the compiler warns of it whatever one says.
final class SystemSignals {

    /// One for all reactors: a signal is the whole process's, and so is what it does about it.
    static final SignalCalls CALLS = new SignalCalls(SystemSignals::take);

    private SystemSignals() {}

    private static Runnable take(Signal wanted, Runnable came) {
        try {
            Lookup lookup = MethodHandles.publicLookup();
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            MethodHandle named = lookup.findConstructor(type, methodType(void.class, String.class));
            MethodHandle handle =
                    lookup.findStatic(type, "handle", methodType(handlerType, type, handlerType));
            MethodHandle run = lookup.findVirtual(Runnable.class, "run", methodType(void.class));
            MethodHandle ofSignal = MethodHandles.dropArguments(run.bindTo(came), 0, type);
            Object handler = MethodHandleProxies.asInterfaceInstance(handlerType, ofSignal);
            Object ignoring = handlerType.getField("SIG_IGN").get(null);

            Object signal = named.invoke(wanted.name());
            Object before = handle.invoke(signal, handler);
            if (wanted == Signal.HUP && before.equals(ignoring)) { // then the JVM lets it be
                throw new IllegalArgumentException(
                        "this process was started to ignore it, as nohup does; start it without,"
                                + " or by env --default-signal=HUP");
            }
            return () -> giveBack(handle, signal, before);
        } catch (Error error) {
            throw error;
        } catch (ClassNotFoundException noModule) {
            throw new IllegalArgumentException(
                    "SIG"
                            + wanted
                            + " cannot be had without the module jdk.unsupported: add it to"
                            + " this Java runtime",
                    noModule);
        } catch (Throwable notHere) {
            throw new IllegalArgumentException(
                    "SIG" + wanted + " cannot be had here: " + notHere.getMessage(), notHere);
        }
    }

    private static void giveBack(MethodHandle handle, Object signal, Object before) {
        try {
            var _ = handle.invoke(signal, before);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
