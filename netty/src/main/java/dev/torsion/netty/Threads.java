package dev.torsion.netty;

import java.io.IOException;

/// The threads that wait for a loop, for programs and for their streams; the system may refuse
/// them.
interface Threads {
    /// As the system gives them.
    Threads SYSTEM = new Threads() {};

    /// Has `work` done on one of its own, which keeps no JVM alive.
    ///
    /// @throws OutOfMemoryError if there is none to be had
    default void start(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    /// Starts a program, for whose end a thread of the JDK's own waits.
    ///
    /// @throws OutOfMemoryError if there is none to be had, though the program runs already
    default Process start(ProcessBuilder program) throws IOException {
        return program.start();
    }
}
