package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Thrown;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to one stream that blocks, on a thread of its own, which begins with the first write.
///
/// What is written while the thread waits for the stream is gathered in one array, so that the
/// bytes which the caller counts, and bounds, are the memory they cost.
///
/// **Thread:** loop only, but for [#run] and what it calls, which are its thread's.
final class PipeWriter {
    private static final Logger log = LoggerFactory.getLogger(PipeWriter.class);
    private static final int LARGEST_WRITE = 64 * 1024;
    private static final int SMALLEST_ARRAY = 512;

    private enum End {
        OPEN,
        /// Closes when everything is written.
        ASKED,
        /// Closes now.
        DROPPED
    }

    private final NettyReactor reactor;
    private final OutputStream stream;
    private final Threads threads;
    private final String threadName;
    private final IntConsumer taken;
    private final Consumer<Throwable> broken;
    private final Runnable ended;

    private boolean started; // loop only

    // Of the loop and the thread both, under this object's monitor.
    private byte[] gathered = new byte[SMALLEST_ARRAY];
    private int size;
    private End end = End.OPEN;

    /// @param taken is told, on the loop, how many more bytes the system has taken
    /// @param broken is told, on the loop, why the rest is not written, for want of memory perhaps,
    ///   and is to [#drop] it: the stream stays open until then, lest its reader take what came for
    ///   the whole
    /// @param ended is told, on the loop and perhaps twice, that the stream takes no more: closed
    ///   as was asked, or broken
    PipeWriter(
            NettyReactor reactor,
            OutputStream stream,
            Threads threads,
            String threadName,
            IntConsumer taken,
            Consumer<Throwable> broken,
            Runnable ended) {
        this.reactor = reactor;
        this.stream = stream;
        this.threads = threads;
        this.threadName = threadName;
        this.taken = taken;
        this.broken = broken;
        this.ended = ended;
    }

    /// @throws OutOfMemoryError if there is no memory for them, or no thread to be had
    void send(Bytes data) {
        synchronized (this) {
            int count = data.size();
            if (count > gathered.length - size) {
                gathered = Arrays.copyOf(gathered, Math.max(size + count, 2 * size));
            }
            data.copyTo(0, gathered, size, count);
            size += count;
            notifyAll();
        }
        if (!started) {
            threads.start(threadName, this::run);
            started = true;
        }
    }

    /// Closes the stream when everything is written.
    void close() {
        end(End.ASKED);
    }

    /// Closes the stream as soon as the thread is not waiting for it, and forgets the rest.
    void drop() {
        end(End.DROPPED);
    }

    private void end(End how) {
        synchronized (this) {
            end = how;
            notifyAll();
        }
        if (!started) {
            closeStream();
        }
    }

    private void run() {
        try {
            boolean open = true;
            while (open) {
                open = writeNext();
            }
        } catch (IOException broken) {
            log.debug("nobody reads {} any more", threadName, broken);
        } catch (RejectedExecutionException loopEnded) {
            log.debug("the loop ended before {} did", threadName, loopEnded);
        } catch (Throwable failed) { // most likely there is no memory
            Thrown.log(log, "the rest for " + threadName + " is not written", failed);
            awaitDrop(failed);
        } finally {
            closeStream();
        }
    }

    private void awaitDrop(Throwable failed) {
        try {
            reactor.execute(() -> broken.accept(failed));
            synchronized (this) {
                while (end != End.DROPPED) {
                    wait();
                }
            }
        } catch (RejectedExecutionException | InterruptedException nobodyWaits) {
            log.debug("the loop ended before {} did", threadName, nobodyWaits);
        }
    }

    private void closeStream() {
        try {
            stream.close();
        } catch (IOException broken) {
            log.debug("{} was closed by its reader first", threadName, broken);
        }
        try {
            reactor.execute(ended);
        } catch (RejectedExecutionException loopEnded) {
            log.debug("the loop ended before {} did", threadName, loopEnded);
        }
    }

    /// Waits for something to write, and writes it; false when that was all.
    private boolean writeNext() throws IOException, InterruptedException {
        byte[] array;
        int count;
        synchronized (this) {
            while (size == 0 && end == End.OPEN) {
                wait();
            }
            if (size == 0 || end == End.DROPPED) {
                return false;
            }
            array = gathered;
            count = size;
            gathered = new byte[SMALLEST_ARRAY];
            size = 0;
        }
        for (int from = 0; from < count && !dropped(); from += LARGEST_WRITE) {
            int part = Math.min(LARGEST_WRITE, count - from);
            stream.write(array, from, part);
            stream.flush();
            reactor.execute(() -> taken.accept(part));
        }
        return true;
    }

    private synchronized boolean dropped() {
        return end == End.DROPPED;
    }
}
