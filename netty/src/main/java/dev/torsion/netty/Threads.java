package dev.torsion.netty;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;

/// The threads of loops, and those that wait for a loop, for programs and for their streams; the
/// system may refuse them.
interface Threads {
    /// As the system gives them.
    Threads SYSTEM = new Threads() {};

    /// Turns a loop on one of its own, of the kind that Netty is fastest on, which keeps no JVM
    /// alive.
    ///
    /// @throws OutOfMemoryError if there is none to be had
    default void startLoop(String name, Runnable turns) {
        Thread thread = new FastThreadLocalThread(turns, name);
        thread.setDaemon(true);
        thread.start();
    }

    /// Has `work` done on one of its own, which keeps no JVM alive.
    ///
    /// @throws OutOfMemoryError if there is none to be had
    default void start(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    /// Starts a program, for whose end a thread of the JDK's own waits.
    ///
    /// @throws OutOfMemoryError if there is none to be had, though the program runs already
    /// @throws IOException if the system cannot start it
    default Process start(ProcessBuilder program) throws IOException {
        return Descriptors.SYSTEM.start(program::start);
    }
}
