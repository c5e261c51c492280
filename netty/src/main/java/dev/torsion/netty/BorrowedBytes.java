package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A window on one read of a socket, open for the time of one call. A window of its own for every
/// read, so that one kept too long fails instead of showing a later read.
final class BorrowedBytes implements Bytes {
    private final Loan loan;
    private final int offset;
    private final int size;

    /// What all slices of one read have in common: whether the buffer is still theirs to see.
    private static final class Loan {
        private @Nullable ByteBuf buffer;

        private Loan(ByteBuf buffer) {
            this.buffer = buffer;
        }
    }

    /// Lends the readable bytes of `buffer` until [#end()].
    BorrowedBytes(ByteBuf buffer) {
        this(new Loan(buffer), buffer.readerIndex(), buffer.readableBytes());
    }

    private BorrowedBytes(Loan loan, int offset, int size) {
        this.loan = loan;
        this.offset = offset;
        this.size = size;
    }

    void end() {
        loan.buffer = null;
    }

    /// Whether keeping the whole buffer alive for these bytes is cheaper than copying them; and few
    /// bytes must not pin much memory, because the limits of a connection count bytes.
    boolean worthPassingOn() {
        return size >= 1024 && size >= buffer().capacity() / 4;
    }

    /// These bytes as Netty's own, kept alive by the reference that the caller now holds.
    ByteBuf retained() {
        return buffer().retainedSlice(offset, size);
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
        ByteBuffer source = buffer().internalNioBuffer(offset, size);
        target.put(source);
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
        if (buffer == null) {
            throw new IllegalStateException(
                    "borrowed bytes were used after the call that lent them; keep bytes.owned() instead");
        }
        return buffer;
    }
}
