package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Bytes that can be taken back: used after the call that lent them, they throw.
final class BorrowedBytes implements Bytes {
    private final Loan loan;
    private final int offset;
    private final int size;

    private BorrowedBytes(Loan loan, int offset, int size) {
        this.loan = loan;
        this.offset = offset;
        this.size = size;
    }

    /// The right to read, which every slice shares.
    static final class Loan {
        private final Bytes window;
        private @Nullable Bytes lent;

        /// Lends `size` of some owned bytes, from `offset` on.
        Loan(Bytes owned, int offset, int size) {
            this.lent = owned;
            this.window = new BorrowedBytes(this, offset, size);
        }

        Bytes bytes() {
            return window;
        }

        void end() {
            lent = null;
        }

        private Bytes lent() {
            if (lent == null) {
                throw new IllegalStateException(
                        "borrowed bytes were used after the call that lent them: keep"
                                + " Bytes.owned() instead");
            }
            return lent;
        }
    }

    @Override
    public int size() {
        loan.lent();
        return size;
    }

    @Override
    public byte at(int index) {
        return loan.lent().at(offset + Objects.checkIndex(index, size));
    }

    @Override
    public void copyTo(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(index, length, size);
        loan.lent().copyTo(offset + index, target, targetOffset, length);
    }

    @Override
    public Bytes slice(int from, int to) {
        loan.lent();
        Objects.checkFromToIndex(from, to, size);
        return new BorrowedBytes(loan, offset + from, to - from);
    }

    @Override
    public Bytes owned() {
        return Bytes.wrap(toArray());
    }
}
