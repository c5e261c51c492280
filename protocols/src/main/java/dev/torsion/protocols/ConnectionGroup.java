package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows all connections of a server, of one loop or many: a chat says to all what one has said.
///
/// ```java
/// var room = new ConnectionGroup<Chat>((group, peer) -> new Chat(group));
/// reactor.listen(endpoint, room);
/// …
/// room.write(Bytes.utf8("the server stops at ten\r\n"), SlowPeer.SKIP);
/// ```
///
/// A connection belongs to it from just before its `connectionMade` until its `connectionLost`. It
/// stands innermost, within all policies and within TLS: what it writes goes where the protocols
/// that it makes write, through the TLS of a [FramingProtocol] that has started it, too. Into a
/// protocol that brings layers of its own it cannot see, and [#write] would go beneath them: have
/// that write by [#forEach]. Several servers may share one.
///
/// What is asked of it is done at once for the connections of the loop that asks, and in a coming
/// turn of theirs for those of others, or if no loop asks. Of what one thread asks for, each
/// connection sees the order; but what an action of [#forEach] asks for is done within it, so it
/// reaches those that the action has not come to yet before their turn does.
///
/// **Thread:** thread-safe; protocols are called on their own loops.
///
/// @param <P> the protocols of the connections
public final class ConnectionGroup<P extends Protocol> implements ProtocolFactory {
    private static final Logger log = LoggerFactory.getLogger(ConnectionGroup.class);

    /// Bytes that a write takes on its way to another loop, beside its data.
    private static final int COST_OF_A_WRITE = 100;

    private final BiFunction<? super ConnectionGroup<P>, ? super Address, ? extends @Nullable P>
            factory;
    private final Map<Reactor, OnLoop> loops = new LinkedHashMap<>(); // guarded by this
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong aborted = new AtomicLong();

    /// What becomes of a connection that is to be written to and has more waiting than the high
    /// mark of its reactor ([Reactor#writeMarks]), since its peer does not read as fast; or would
    /// have more than the hard limit; or whose loop is as late as [ConnectionGroup#write] says.
    public enum SlowPeer {
        /// It misses this, as a whole, and is [counted][ConnectionGroup#skipped()].
        SKIP,
        /// It is aborted, and [counted][ConnectionGroup#aborted()]: whoever stays misses nothing.
        ABORT
    }

    /// @param factory makes the protocol of a connection, given this and who connects, or gives
    ///   null to refuse it; called as [ProtocolFactory#buildProtocol]
    public ConnectionGroup(
            BiFunction<? super ConnectionGroup<P>, ? super Address, ? extends @Nullable P>
                    factory) {
        this.factory = requireNonNull(factory, "factory");
    }

    /// The connections of one loop.
    private final class OnLoop {
        private final Reactor reactor;
        private final SequencedSet<Member> members = new LinkedHashSet<>(); // guarded by the group
        private final AtomicLong onTheWay = new AtomicLong(); // bytes, from other threads
        private final AtomicBoolean abortComes = new AtomicBoolean();

        OnLoop(Reactor reactor) {
            this.reactor = reactor;
        }

        /// Does it at once on this loop, or else in a coming turn.
        void each(Consumer<Member> action) {
            if (reactor.inLoop()) {
                members(this).forEach(member -> member.call(action));
            } else {
                reactor.callFromThread(() -> each(action));
            }
        }

        /// So much may be on the way to the loop as to one connection: then, since it does not take
        /// it, it is as if no peer of it did.
        void write(Bytes data, SlowPeer slow) {
            if (reactor.inLoop()) {
                each(member -> member.write(data, slow));
                return;
            }
            long cost = (long) data.size() + COST_OF_A_WRITE;
            if (onTheWay.addAndGet(cost) > reactor.writeMarks().hard()) {
                onTheWay.addAndGet(-cost);
                isLate(slow);
            } else {
                reactor.callFromThread(() -> {
                    onTheWay.addAndGet(-cost);
                    each(member -> member.write(data, slow));
                });
            }
        }

        /// However often it is, no more than one call waits for it.
        private void isLate(SlowPeer slow) {
            switch (slow) {
                case SKIP -> skipped.addAndGet(count(this));
                case ABORT -> {
                    if (!abortComes.getAndSet(true)) {
                        reactor.callFromThread(() -> {
                            abortComes.set(false);
                            each(member -> member.abort("its loop is late"));
                        });
                    }
                }
            }
        }
    }

    private final class Member extends WrappingProtocol {
        private final P protocol;
        private @Nullable ClosingTransport given;

        Member(P protocol) {
            super(protocol);
            this.protocol = protocol;
        }

        /// What the protocol writes to, above a layer that it may have put in.
        private Transport transport() {
            return protocol instanceof FramingProtocol framing ? framing.transport() : given();
        }

        private ClosingTransport given() {
            return requireNonNull(given, "connectionMade comes first");
        }

        private boolean isClosing() {
            return given().isClosing()
                    || (protocol instanceof FramingProtocol framing && framing.isClosing());
        }

        /// A layer that the protocol has put in may still have to send what was written before.
        private boolean isWriteEnded() {
            return given().isWriteEnded()
                    || (protocol instanceof FramingProtocol framing && framing.isWriteEnded());
        }

        @Override
        public void connectionMade(Transport made) {
            given = new ClosingTransport(made);
            enter(this, made.reactor());
            super.connectionMade(given);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            if (given != null) {
                leave(this, given.reactor());
            }
            super.connectionLost(reason);
        }

        void call(Consumer<Member> action) {
            try {
                action.accept(this);
            } catch (Throwable thrown) {
                transport().failConnection(thrown);
            }
        }

        void askClose() {
            if (!isClosing()) {
                closeAsked(transport());
            }
        }

        void write(Bytes data, SlowPeer slow) {
            if (isWriteEnded()) {
                return;
            }
            Transport to = transport();
            WriteMarks marks = to.reactor().writeMarks();
            long pending = to.pendingBytes();
            if (pending <= marks.high() && pending + data.size() <= marks.hard()) {
                to.write(data);
                return;
            }
            switch (slow) {
                case SKIP -> skipped.incrementAndGet();
                case ABORT ->
                        abort(
                                pending > marks.high()
                                        ? "it does not read as fast"
                                        : "what it is to get is past the hard limit");
            }
        }

        void abort(String why) {
            if (!isWriteEnded()) {
                aborted.incrementAndGet();
                log.debug("{} is aborted: {}", transport().peer(), why);
                transport().abortConnection();
            }
        }
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        P protocol = factory.apply(this, peer);
        return protocol == null ? null : new Member(protocol).faced();
    }

    // ---- who belongs to it ----

    private synchronized void enter(Member member, Reactor reactor) {
        loops.computeIfAbsent(reactor, OnLoop::new).members.add(member);
    }

    private synchronized void leave(Member member, Reactor reactor) {
        OnLoop loop = loops.get(reactor);
        if (loop != null) {
            loop.members.remove(member);
            if (loop.members.isEmpty()) {
                loops.remove(reactor);
            }
        }
    }

    private synchronized List<OnLoop> loops() {
        return List.copyOf(loops.values());
    }

    private synchronized List<Member> members(OnLoop loop) {
        return List.copyOf(loop.members);
    }

    private synchronized int count(OnLoop loop) {
        return loop.members.size();
    }

    /// How many connections there are.
    public synchronized int size() {
        return loops.values().stream().mapToInt(loop -> loop.members.size()).sum();
    }

    // ---- what is done with all ----

    /// Has `action` called with each protocol, on its loop. What it throws fails that connection
    /// alone, as if its protocol had thrown; so does what it writes beyond the hard limit.
    public void forEach(Consumer<? super P> action) {
        requireNonNull(action, "action");
        loops().forEach(loop -> loop.each(member -> action.accept(member.protocol)));
    }

    /// Writes `data` to all connections, but to none that has more waiting than its high mark. One
    /// whose protocol has closed it, or ended its own direction, is passed over whatever waits on
    /// it: that still leaves, and it counts as having missed this only if its loop is late.
    ///
    /// As many bytes may be on the way to a loop as may wait on a connection (the hard limit), each
    /// write counted as its bytes and 100 more: if a loop is so late, all its connections are slow.
    /// More at once than the hard limit is too much for any connection.
    ///
    /// @param data may be borrowed
    /// @param slow what becomes of a connection that has too much waiting
    public void write(Bytes data, SlowPeer slow) {
        requireNonNull(slow, "slow");
        Bytes owned = data.owned();
        loops().forEach(loop -> loop.write(owned, slow));
    }

    /// Asks all connections to close whose protocols have not done it, as a reactor does that stops
    /// ([Protocol#closeAsked]).
    public void closeAll() {
        loops().forEach(loop -> loop.each(Member::askClose));
    }

    // ---- what it could not do ----

    /// How often a connection has missed something that was written to all: each time one of them.
    public long skipped() {
        return skipped.get();
    }

    /// How many connections were aborted because they, or their loop, were not as fast.
    public long aborted() {
        return aborted.get();
    }
}
