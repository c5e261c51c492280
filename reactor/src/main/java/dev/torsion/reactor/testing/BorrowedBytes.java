package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Bytes that can be taken back: used after the call that lent them, they throw, and so does every
/// slice of them.
final class BorrowedBytes implements Bytes {
    private final BorrowedBytes loan; // what was lent first, of which this is a slice, or this
    private final int offset;
    private final int size;
    private @Nullable Bytes lent; // of the loan

    /// Lends `size` of some owned bytes, from `offset` on.
    BorrowedBytes(Bytes owned, int offset, int size) {
        this.loan = this;
        this.lent = owned;
        this.offset = offset;
        this.size = size;
    }

    private BorrowedBytes(BorrowedBytes loan, int offset, int size) {
        this.loan = loan;
        this.offset = offset;
        this.size = size;
    }

    /// Takes back what this lent.
    void end() {
        lent = null;
    }

    private Bytes lent() {
        Bytes owned = loan.lent;
        if (owned == null) {
            throw new IllegalStateException(
                    "borrowed bytes were used after the call that lent them: keep Bytes.owned()"
                            + " instead");
        }
        return owned;
    }

    @Override
    public int size() {
        lent();
        return size;
    }

    @Override
    public byte at(int index) {
        return lent().at(offset + Objects.checkIndex(index, size));
    }

    @Override
    public void copyTo(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(index, length, size);
        lent().copyTo(offset + index, target, targetOffset, length);
    }

    @Override
    public Bytes slice(int from, int to) {
        lent();
        Objects.checkFromToIndex(from, to, size);
        return new BorrowedBytes(loan, offset + from, to - from);
    }

    @Override
    public Bytes owned() {
        return Bytes.wrap(toArray());
    }
}
