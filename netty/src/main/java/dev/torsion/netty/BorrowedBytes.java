package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A window on one read of a socket, open for the time of one call; made by a [Lender].
final class BorrowedBytes implements Bytes {
    private final Loan loan;
    private int reading; // the loan's number when this window was opened
    private int offset;
    private int size;

    /// What a window and its slices have in common: whether the buffer is still theirs to see.
    static final class Loan {
        private @Nullable ByteBuf buffer;
        private int reading;
        private boolean passedOn;
    }

    BorrowedBytes() {
        loan = new Loan();
    }

    private BorrowedBytes(Loan loan, int offset, int size) {
        this.loan = loan;
        this.reading = loan.reading;
        this.offset = offset;
        this.size = size;
    }

    /// Shows the readable bytes of `buffer` until [#close()].
    void open(ByteBuf buffer) {
        loan.buffer = buffer;
        loan.passedOn = false;
        reading = ++loan.reading;
        offset = buffer.readerIndex();
        size = buffer.readableBytes();
    }

    void close() {
        loan.buffer = null;
    }

    /// Whether keeping the whole buffer alive for these bytes is cheaper than copying them. Few
    /// bytes must not pin much memory, because the limits of a connection count bytes. So:
    ///
    /// - few bytes only if they are all that was read, into a narrow buffer, and `alone`: nothing
    ///   else waits to be sent;
    /// - many, 1 KiB or more, if they fill a good part of their buffer.
    boolean worthPassingOn(boolean alone) {
        ByteBuf buffer = buffer();
        return (alone && size == buffer.readableBytes() && ReadBuffers.isNarrow(buffer))
                || (size >= 1024 && ReadBuffers.isWellFilled(buffer, size));
    }

    /// These bytes as Netty's own, kept alive by the reference that the caller now holds. Whoever
    /// sends them moves their reader index, but not before the call that lent them is over.
    ByteBuf retained() {
        ByteBuf buffer = buffer();
        if (loan.passedOn || size != buffer.readableBytes()) {
            return buffer.retainedSlice(offset, size);
        }
        loan.passedOn = true;
        return buffer.retain();
    }

    /// These bytes where they are, to be looked at once, before anything else is done with them.
    ByteBuffer inPlace() {
        return buffer().internalNioBuffer(offset, size);
    }

    @Override
    public int size() {
        buffer();
        return size;
    }

    @Override
    public byte at(int index) {
        return buffer().getByte(offset + Objects.checkIndex(index, size));
    }

    @Override
    public void copyTo(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(index, length, size);
        buffer().getBytes(offset + index, target, targetOffset, length);
    }

    @Override
    public void putInto(ByteBuffer target) {
        target.put(inPlace());
    }

    @Override
    public Bytes slice(int from, int to) {
        buffer();
        Objects.checkFromToIndex(from, to, size);
        return new BorrowedBytes(loan, offset + from, to - from);
    }

    @Override
    public Bytes owned() {
        return Bytes.wrap(toArray());
    }

    @Override
    public int indexOf(byte wanted, int from) {
        int found =
                from >= size
                        ? -1
                        : buffer().indexOf(offset + Math.max(from, 0), offset + size, wanted);
        return found < 0 ? -1 : found - offset;
    }

    @Override
    public String toString() {
        return size + " borrowed bytes";
    }

    private ByteBuf buffer() {
        ByteBuf buffer = loan.buffer;
        if (buffer == null || reading != loan.reading) {
            throw new IllegalStateException(
                    "borrowed bytes were used after the call that lent them; keep bytes.owned() instead");
        }
        return buffer;
    }
}
