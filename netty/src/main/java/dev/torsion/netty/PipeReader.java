package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Thrown;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one stream that blocks, on a thread of its own, and hands what it brings to the loop: one
/// piece at a time, the next when the loop has delivered the one before. While reading is paused
/// one piece waits here, and the rest where it comes from.
///
/// **Thread:** [#run] on the reader's own, everything else on the loop, but [#awaitBegun].
final class PipeReader {
    private static final Logger log = LoggerFactory.getLogger(PipeReader.class);
    private static final int LARGEST_READ = 64 * 1024;

    private final NettyReactor reactor;
    private final InputStream stream;
    private final Consumer<Bytes> delivery;
    private final Consumer<Throwable> broken;
    private final Runnable ended;
    private final Semaphore turn = new Semaphore(0);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean closed;
    private boolean paused;
    private boolean atEnd;
    private @Nullable ByteBuf held;

    /// @param delivery is lent each piece
    /// @param broken is told, on the loop, why the rest is not read, for want of memory perhaps;
    ///   before its end
    /// @param ended is told once, on the loop, that all has been delivered; not after [#close]
    PipeReader(
            NettyReactor reactor,
            InputStream stream,
            Consumer<Bytes> delivery,
            Consumer<Throwable> broken,
            Runnable ended) {
        this.reactor = reactor;
        this.stream = stream;
        this.delivery = delivery;
        this.broken = broken;
        this.ended = ended;
    }

    /// Reads to the end.
    ///
    /// The stream's monitor is held all the time, while it waits too. That keeps the JDK from doing
    /// what it does to a process's streams when the process has ended: close them, though another
    /// program may still write to them.
    void run() {
        try {
            synchronized (stream) {
                while (!closed && readOne()) {
                    turn.acquireUninterruptibly();
                }
            }
        } catch (RejectedExecutionException loopEnded) {
            log.debug("the loop ended before {} did", stream);
        } catch (Throwable failed) { // most likely there is no memory
            Thrown.log(log, "the rest of " + stream + " is not read", failed);
            tell(() -> breakOff(failed));
        } finally {
            begun.countDown();
            tell(this::end);
            closeStream();
        }
    }

    private void breakOff(Throwable failed) {
        if (!closed) {
            broken.accept(failed);
        }
    }

    private void tell(Runnable news) {
        try {
            reactor.execute(news);
        } catch (RejectedExecutionException loopEnded) {
            log.debug("the loop ended before {} did", stream);
        }
    }

    /// Whether there was something to read.
    private boolean readOne() {
        ByteBuf piece = ByteBufAllocator.DEFAULT.heapBuffer(LARGEST_READ);
        boolean handedOver = false;
        begun.countDown();
        try {
            if (piece.writeBytes(stream, LARGEST_READ) <= 0) {
                return false;
            }
            reactor.execute(() -> arrived(piece));
            handedOver = true;
            return true;
        } catch (IOException broken) {
            log.debug("{} cannot be read any more", stream, broken);
            return false;
        } finally {
            if (!handedOver) {
                piece.release();
            }
        }
    }

    /// Waits until it reads; for other threads.
    void awaitBegun() throws InterruptedException {
        begun.await();
    }

    private void arrived(ByteBuf piece) {
        if (closed) {
            piece.release();
        } else if (paused) {
            held = piece;
        } else {
            deliver(piece);
        }
    }

    private void deliver(ByteBuf piece) {
        BorrowedBytes data = reactor.lender().lend(piece);
        try {
            delivery.accept(data);
        } finally {
            reactor.lender().end(data);
            piece.release();
            turn.release();
        }
    }

    private void end() {
        atEnd = true;
        if (!closed && !paused) {
            closed = true;
            ended.run();
        }
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        if (held != null || atEnd) {
            reactor.execute(this::goOn);
        }
    }

    private void goOn() {
        ByteBuf next = held;
        if (next != null && !paused) {
            held = null;
            deliver(next);
        } else if (atEnd) {
            end();
        }
    }

    /// Delivers nothing more. If the thread is reading just now, it ends when there is something to
    /// read or nobody left to write it.
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (held != null) {
            held.release();
            held = null;
        }
        turn.release();
        closeStream();
    }

    private void closeStream() {
        try {
            stream.close();
        } catch (IOException gone) {
            log.debug("{} could not be closed", stream, gone);
        }
    }
}
