package dev.torsion.cluster;

import dev.torsion.bus.DropReason;
import dev.torsion.bus.Event;
import dev.torsion.bus.Interest;
import dev.torsion.reactor.Bytes;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What waits to be sent over one link: frames, written by any thread, in the order they were
/// given, events and changes of interest alike; so an interest is told before the events that count
/// on it.
///
/// Frames are written where they are given, into chunks that the link's loop hands on whole: one
/// wake-up and one write for all the events of a busy moment. The bound counts bytes. An event that
/// does not fit is dropped; what is not an event has a reserve beyond the bound, and where that is
/// used up too the link must go, since the other end would no longer know what is wanted here.
final class Outbox {
    private static final int CHUNK = 64 << 10;
    private static final int LEAST_CHUNK = 256;

    /// Data from this size on is passed on as it is, not copied into a chunk.
    private static final int LARGE_DATA = 16 << 10;

    private static final long RESERVE = 64L << 20;
    private static final int MAX_GROUPS = 0xffff;

    private final Books books;
    private final long maxBytes;
    private final int maxFrameBytes;
    private final Runnable wake;

    // Guarded by chunks.
    private final Queue<Chunk> chunks = new ArrayDeque<>();
    private FrameWriter open = new FrameWriter(LEAST_CHUNK);
    private int openEvents;
    private int waitingEvents;
    private long waitingBytes;
    private boolean awake;
    private boolean overrun;
    private boolean closed;

    /// Whole frames, or the data that ends one.
    record Chunk(Bytes bytes, int events) {}

    /// @param maxFrameBytes the longest frame that the other end takes
    /// @param wake called when something waits and [#next()] has said null before; on any thread
    Outbox(Books books, long maxBytes, int maxFrameBytes, Runnable wake) {
        this.books = books;
        this.maxBytes = maxBytes;
        this.maxFrameBytes = maxFrameBytes;
        this.wake = wake;
    }

    /// Takes an event, or drops it; counts either.
    boolean offer(Event event, boolean plain, List<String> groups, boolean nobodyMatters) {
        books.offered();
        DropReason dropped;
        boolean wakes = false;
        synchronized (chunks) {
            dropped = closed ? DropReason.LINK_DOWN : write(event, plain, groups, nobodyMatters);
            if (dropped == null) {
                waitingEvents++;
                wakes = wakes();
            }
        }
        if (dropped != null) {
            books.dropped(dropped, 1);
        }
        if (wakes) {
            wake.run();
        }
        return dropped == null;
    }

    private @Nullable DropReason write(
            Event event, boolean plain, List<String> groups, boolean nobodyMatters) {
        Bytes data = event.data();
        if (waitingBytes + data.size() > maxBytes) {
            return DropReason.LINK_FULL; // spares the writing: most events end here when it is full
        }
        if (groups.size() > MAX_GROUPS) {
            return DropReason.TOO_LARGE;
        }
        int before = open.size();
        int length = FrameCodec.writeEventHead(event, plain, groups, nobodyMatters, open);
        int size = FrameWriter.PREFIX + length;
        if (length > maxFrameBytes || waitingBytes + size > maxBytes) {
            open.rollBackTo(before);
            return length > maxFrameBytes ? DropReason.TOO_LARGE : DropReason.LINK_FULL;
        }
        waitingBytes += size;
        if (data.size() < LARGE_DATA) {
            open.bytes(data);
            openEvents++;
            endChunkIfFull();
        } else {
            endChunk();
            chunks.add(new Chunk(data, 1));
        }
        return null;
    }

    void interest(Interest interest, int subscriptions) {
        frame(out -> FrameCodec.writeInterest(interest, subscriptions, out));
    }

    /// Takes a frame that is no event; after [#close()] it is ignored.
    void frame(Consumer<FrameWriter> writer) {
        take(writer, false);
    }

    /// Takes one frame more, the last.
    void closeAfter(Consumer<FrameWriter> writer) {
        take(writer, true);
    }

    private void take(Consumer<FrameWriter> writer, boolean last) {
        boolean wakes;
        synchronized (chunks) {
            if (closed) {
                return;
            }
            put(writer);
            closed = last;
            wakes = wakes();
        }
        if (wakes) {
            wake.run();
        }
    }

    private void put(Consumer<FrameWriter> writer) {
        overrun |= waitingBytes > maxBytes + RESERVE;
        if (!overrun) {
            int before = open.size();
            writer.accept(open);
            waitingBytes += open.size() - before;
            endChunkIfFull();
        }
    }

    /// Ends it: what waits is dropped. Idempotent.
    void close() {
        synchronized (chunks) {
            closed = true;
            books.dropped(DropReason.LINK_DOWN, waitingEvents);
            chunks.clear();
            open = new FrameWriter(0);
            openEvents = 0;
            waitingEvents = 0;
            waitingBytes = 0;
        }
    }

    /// What is to be sent next; null if nothing waits, and then `wake` will be called when
    /// something does.
    @Nullable Chunk next() {
        synchronized (chunks) {
            if (chunks.isEmpty() && open.size() > 0) {
                endChunk();
            }
            Chunk next = chunks.poll();
            if (next == null) {
                awake = false;
                return null;
            }
            waitingBytes -= next.bytes().size();
            waitingEvents -= next.events();
            books.sent(next.events());
            return next;
        }
    }

    /// Whether a frame found even the reserve used up, and is missing.
    boolean overrun() {
        synchronized (chunks) {
            return overrun;
        }
    }

    int waitingEvents() {
        synchronized (chunks) {
            return waitingEvents;
        }
    }

    long waitingBytes() {
        synchronized (chunks) {
            return waitingBytes;
        }
    }

    private boolean wakes() {
        boolean first = !awake;
        awake = true;
        return first;
    }

    private void endChunkIfFull() {
        if (open.size() >= CHUNK) {
            endChunk();
        }
    }

    private void endChunk() {
        int size = open.size();
        if (size > 0) {
            chunks.add(new Chunk(open.done(), openEvents));
            open = new FrameWriter(Math.clamp(size + size / 8, LEAST_CHUNK, CHUNK + LARGE_DATA));
            openEvents = 0;
        }
    }
}
