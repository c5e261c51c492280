package dev.torsion.reactor;

import java.util.concurrent.atomic.AtomicLong;

/// Counts the datagrams of one port, for whoever implements a [Reactor].
///
/// **Thread:** of the loop alone, except [#metrics], which is thread-safe.
public final class DatagramMeter {
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong tooLong = new AtomicLong();
    private final AtomicLong unread = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong noRoom = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile String lastRefusal = "";

    /// The protocol is given a datagram.
    public void delivered() {
        count(delivered);
    }

    /// One was longer than may be received.
    public void tooLong() {
        count(tooLong);
    }

    /// One had been read and will not be delivered.
    public void unread() {
        count(unread);
    }

    /// The operating system took one.
    public void sent() {
        count(sent);
    }

    /// It had no room for one.
    public void noRoom() {
        count(noRoom);
    }

    /// It refused one.
    ///
    /// @return whether that had not happened before for this reason
    public boolean refused(String why) {
        count(refused);
        boolean news = !why.equals(lastRefusal);
        lastRefusal = why;
        return news;
    }

    /// One thread counts, so no count needs a locked instruction.
    private static void count(AtomicLong what) {
        what.lazySet(what.getPlain() + 1);
    }

    /// What was counted.
    public DatagramMetrics metrics() {
        return new DatagramMetrics(
                delivered.get(),
                tooLong.get(),
                unread.get(),
                sent.get(),
                noRoom.get(),
                refused.get(),
                lastRefusal);
    }
}
