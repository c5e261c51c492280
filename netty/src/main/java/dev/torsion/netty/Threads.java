package dev.torsion.netty;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads of loops, and those that wait for a loop, for programs and for their streams; the
/// system may refuse them.
interface Threads {
    /// As the system gives them.
    Threads SYSTEM = new Threads() {};

    /// At most so many, for one piece of work after the other; what is too much for them queues.
    /// They end when they have had nothing to do for five seconds. Those that are there do all if
    /// the system has no more.
    static ThreadPoolExecutor pool(int most, ThreadFactory factory) {
        var pool =
                new ThreadPoolExecutor(
                        most, most, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory) {
                    @Override
                    public void execute(Runnable work) {
                        try {
                            super.execute(work);
                        } catch (OutOfMemoryError noThread) {
                            if (getPoolSize() == 0) {
                                throw noThread;
                            }
                            getQueue().add(work);
                        }
                    }
                };
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /// Makes those of a pool, which keep no JVM alive.
    ///
    /// @param prefix of their names, before a number
    static ThreadFactory named(String prefix) {
        return Thread.ofPlatform().daemon().name(prefix, 1).factory();
    }

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
