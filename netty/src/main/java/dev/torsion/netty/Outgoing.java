package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.WriteMarks;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What one connection has still to send.
///
/// Small writes are gathered into one buffer, which is handed to Netty at the end of the turn, or
/// when it is full. While the operating system takes no more, gathering goes on: many small writes
/// to a slow peer stay few buffers, so that the bytes counted here are the memory they cost.
///
/// `gathered` → handed to Netty (`unflushed`) → flushed (`inFlight`) → taken by the kernel.
///
/// What is handed over goes to Netty's socket at once, past the handlers of its pipeline: there is
/// none there that looks at what is written, and the way through them is a tenth of the
/// instructions that a small message costs the loop.
///
/// The direction ends by itself, before the connection does, if the protocol says so.
final class Outgoing {
    private static final int BUFFER_MAX = 64 * 1024;
    private static final int BUFFER_MIN = 512;

    enum End {
        OPEN,
        /// Takes no more; ends when everything is sent.
        ASKED,
        /// The peer is being told.
        FIN
    }

    private final DuplexChannel channel;
    private final Connection connection;
    private final WriteMarks marks;
    private @Nullable ByteBuf gathered;
    private @Nullable Receipt receipt; // from the first write on
    private long unflushed;
    private long inFlight;
    private boolean overHighMark;
    private End end = End.OPEN;

    Outgoing(DuplexChannel channel, Connection connection, WriteMarks marks) {
        this.channel = channel;
        this.connection = connection;
        this.marks = marks;
    }

    /// Whether more may be added.
    boolean open() {
        return end == End.OPEN;
    }

    /// Whether the direction is to end when everything is sent, and has not.
    boolean endAsked() {
        return end == End.ASKED;
    }

    /// Whether the peer was told that this was all.
    boolean ended() {
        return end == End.FIN;
    }

    long pendingBytes() {
        return unflushed + inFlight + (gathered == null ? 0 : gathered.readableBytes());
    }

    /// Whether `data` would be more than may wait.
    boolean overflowsWith(Bytes data) {
        return pendingBytes() + data.size() > marks.hard();
    }

    /// Takes `data` over. True while what waits is below the high mark.
    boolean add(Bytes data) {
        if (data instanceof BorrowedBytes borrowed
                && borrowed.worthPassingOn(pendingBytes() == 0)) {
            handGathered();
            hand(borrowed.retained());
        } else {
            gather(data);
        }
        boolean over = pendingBytes() > marks.high();
        overHighMark |= over;
        return !over;
    }

    /// Takes no more. Idempotent.
    void askEnd() {
        if (end == End.OPEN) {
            end = End.ASKED;
        }
    }

    /// Tells the peer that this was all. Idempotent.
    void sendFin() {
        if (end == End.FIN) {
            return;
        }
        end = End.FIN;
        channel.shutdownOutput()
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        connection.lost(sent.cause());
                    }
                });
    }

    /// Gives the kernel what it will take.
    void flush() {
        do {
            if (inFlight == 0) {
                handGathered();
            }
            if (unflushed == 0) {
                return;
            }
            inFlight += unflushed;
            unflushed = 0;
            channel.unsafe().flush();
        } while (mayGoOn());
    }

    /// Forgets what was not handed over yet; Netty drops the rest when the channel closes.
    void drop() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    private void taken(int size) {
        inFlight -= size;
        connection.sent();
        if (overHighMark && pendingBytes() < marks.low()) {
            overHighMark = false;
            connection.drained();
        }
    }

    /// Whether the kernel has taken all it was given, and more has been gathered meanwhile.
    boolean mayGoOn() {
        return inFlight == 0 && gathered != null;
    }

    private void gather(Bytes data) {
        int size = data.size();
        int from = 0;
        while (from < size) {
            ByteBuf target = gatherBuffer(size - from);
            int count = Math.min(size - from, BUFFER_MAX - target.writerIndex());
            target.ensureWritable(count);
            put(count == size ? data : data.slice(from, from + count), count, target);
            from += count;
            if (target.writerIndex() == BUFFER_MAX) {
                handGathered();
            }
        }
    }

    private ByteBuf gatherBuffer(int wanted) {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            buffer = channel.alloc().ioBuffer(Math.clamp(wanted, BUFFER_MIN, BUFFER_MAX));
            gathered = buffer;
        }
        return buffer;
    }

    private static void put(Bytes data, int count, ByteBuf target) {
        int at = target.writerIndex();
        ByteBuffer space = target.internalNioBuffer(at, count);
        data.putInto(space);
        if (space.hasRemaining()) {
            throw new IllegalStateException(
                    data.getClass() + " says it holds " + count + " bytes and gave fewer");
        }
        target.writerIndex(at + count);
    }

    private void handGathered() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            hand(buffer);
        }
    }

    private void hand(ByteBuf buffer) {
        int size = buffer.readableBytes();
        unflushed += size;
        if (receipt == null) {
            receipt = new Receipt();
        }
        receipt.sizes.add(size);
        channel.unsafe().write(buffer, receipt);
    }

    /// Takes Netty's word, for each buffer in turn, that the kernel took it or never will. One for
    /// all writes of a connection, where Netty would have a promise for each; so it is never done.
    final class Receipt extends DefaultChannelPromise {
        private final Sizes sizes = new Sizes();

        private Receipt() {
            super(channel);
        }

        @Override
        public boolean trySuccess(@Nullable Void nothing) {
            taken(sizes.remove());
            return true;
        }

        @Override
        public ChannelPromise setSuccess(@Nullable Void nothing) {
            taken(sizes.remove());
            return this;
        }

        @Override
        public boolean tryFailure(Throwable cause) {
            inFlight -= sizes.remove();
            connection.lost(cause);
            return true;
        }

        @Override
        public ChannelPromise setFailure(Throwable cause) {
            tryFailure(cause);
            return this;
        }

        @Override
        public boolean setUncancellable() {
            return true;
        }
    }

    /// The sizes of the buffers that Netty has, oldest first; seldom more than one.
    static final class Sizes {
        private int[] ring = new int[2];
        private int first;
        private int count;

        void add(int size) {
            if (count == ring.length) {
                int[] wider = new int[2 * count];
                for (int i = 0; i < count; i++) {
                    wider[i] = ring[(first + i) % count];
                }
                ring = wider;
                first = 0;
            }
            ring[(first + count++) & (ring.length - 1)] = size;
        }

        int remove() {
            int size = ring[first];
            first = (first + 1) & (ring.length - 1);
            count--;
            return size;
        }
    }
}
