package dev.torsion.protocols.tls;

import dev.torsion.reactor.Bytes;
import java.nio.ByteBuffer;
import java.util.Objects;

/// A window on a buffer that is used again after the call: see [Bytes]. Using it then throws.
final class BorrowedBytes implements Bytes {
    private final Loan loan;
    private final byte[] array;
    private final int offset;
    private final int size;

    /// What all the slices of it end with.
    private static final class Loan {
        private boolean over;
    }

    private BorrowedBytes(Loan loan, byte[] array, int offset, int size) {
        this.loan = loan;
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    /// What a buffer with an array holds up to its position.
    static BorrowedBytes filled(ByteBuffer buffer) {
        return new BorrowedBytes(
                new Loan(), buffer.array(), buffer.arrayOffset(), buffer.position());
    }

    void end() {
        loan.over = true;
    }

    private void check() {
        if (loan.over) {
            throw new IllegalStateException(
                    "borrowed bytes were used after the call that lent them; keep bytes.owned() instead");
        }
    }

    @Override
    public int size() {
        check();
        return size;
    }

    @Override
    public byte at(int index) {
        check();
        return array[offset + Objects.checkIndex(index, size)];
    }

    @Override
    public void copyTo(int index, byte[] target, int targetOffset, int length) {
        check();
        Objects.checkFromIndexSize(index, length, size);
        System.arraycopy(array, offset + index, target, targetOffset, length);
    }

    @Override
    public void putInto(ByteBuffer target) {
        check();
        target.put(array, offset, size);
    }

    @Override
    public Bytes slice(int from, int to) {
        check();
        Objects.checkFromToIndex(from, to, size);
        return new BorrowedBytes(loan, array, offset + from, to - from);
    }

    @Override
    public Bytes owned() {
        return Bytes.wrap(toArray());
    }

    @Override
    public String toString() {
        return size + " borrowed bytes";
    }
}
