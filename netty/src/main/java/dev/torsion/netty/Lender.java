package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Lends reads of sockets to protocols, one at a time, through one window that it uses again: a
/// read allocates nothing.
///
/// A window kept after its call fails, and so does a slice of it for ever. Only the window itself,
/// used while a later read is lent, could show that read; where assertions are enabled (`-ea`, as
/// in tests) each read therefore gets a window of its own, and such a mistake fails always.
///
/// **Thread:** loop only.
final class Lender {
    private static final boolean ASSERTIONS = Lender.class.desiredAssertionStatus();

    private final boolean windowEach;
    private @Nullable BorrowedBytes spare;

    Lender() {
        this(ASSERTIONS);
    }

    Lender(boolean windowEach) {
        this.windowEach = windowEach;
    }

    /// A window on the readable bytes of `buffer`, until [#end].
    BorrowedBytes lend(ByteBuf buffer) {
        BorrowedBytes window = spare;
        spare = null;
        if (window == null) {
            window = new BorrowedBytes();
        }
        window.open(buffer);
        return window;
    }

    void end(BorrowedBytes window) {
        window.close();
        if (!windowEach) {
            spare = window;
        }
    }
}
