package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Holds every connection to so many bytes per second, each way; or, [sharing][#sharing] a rate,
/// all of them together.
///
/// **Reading** is paused whenever more has come than the rate allows, and what has come, up to 256
/// KiB in a single read, is handed on at the rate: each time that a KiB is allowed, or a fiftieth
/// of a second's bytes if those are more, or a tenth if a KiB takes longer, or all that is left.
/// The peer is slowed down by its own full buffers. What waits to be handed on takes memory, at
/// most those 256 KiB ([Transport#LARGEST_READ]) a connection until all of them are handed on,
/// beside what the system buffers: a [ConnectionLimit] bounds the sum. Once the protocol has closed
/// the connection nothing waits, and nothing more is read.
///
/// So a timeout for silence within the limit hears the peer as often as the rate lets it; what it
/// writes, a timeout within sees when it is written, not when it leaves. An [IdleTimeout] around it
/// sees the reads alone, and 256 KiB at 10 kB/s are 26 s without one: put it within.
///
/// **Writing** is held back: what the rate does not allow yet waits, in order, and leaves later.
/// What waits counts as [Transport#pendingBytes()], and the marks of the reactor
/// ([dev.torsion.reactor.Reactor#writeMarks()]) hold for it: `write` says false while it is more
/// than the high one, `writableAgain` follows below the low one, and above the hard limit the
/// connection fails. A closing connection first sends what waits, at its rate; it is aborted if its
/// peer reads nothing of that for 10 s, as far as [Transport#pendingBytes()] tells, or if it still
/// waits for its peer 10 s after the rate would have let it (a shared one, if all who wait for it
/// took their part). An aborted one drops what waits.
///
/// Over any time, no more than the rate allows plus a tenth of a second of it (of a shared one, a
/// tenth for each loop that has such connections); but when the reactor stops there is no rate any
/// more: what waits is sent at once, before its protocol is [asked to close][Protocol#closeAsked],
/// and so is its goodbye, so that the deadline of the shutdown is the peer's alone.
///
/// **Thread:** as [ProtocolFactory]; [#pauses()] is thread-safe.
public final class RateLimit implements ProtocolFactory {
    private final ProtocolFactory wrapped;
    private final Function<Reactor, TokenBucket> reading;
    private final Function<Reactor, TokenBucket> writing;
    private final AtomicLong pauses = new AtomicLong();

    /// A rate of its own for each connection.
    ///
    /// @param readBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    /// @param writeBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    public RateLimit(ProtocolFactory wrapped, long readBytesPerSecond, long writeBytesPerSecond) {
        this(
                wrapped,
                clock -> new TokenBucket(readBytesPerSecond, clock),
                clock -> new TokenBucket(writeBytesPerSecond, clock));
        requireRates(readBytesPerSecond, writeBytesPerSecond);
    }

    private RateLimit(
            ProtocolFactory wrapped,
            Function<Reactor, TokenBucket> reading,
            Function<Reactor, TokenBucket> writing) {
        this.wrapped = wrapped;
        this.reading = reading;
        this.writing = writing;
    }

    /// A rate for all connections together, and those of every other limit with the same `rate`.
    /// (Around another limit, or within it, both hold.)
    public static RateLimit sharing(ProtocolFactory wrapped, SharedRate rate) {
        requireNonNull(rate, "rate");
        return new RateLimit(wrapped, _ -> rate.reading(), _ -> rate.writing());
    }

    static void requireRates(long readBytesPerSecond, long writeBytesPerSecond) {
        if (readBytesPerSecond < 1 || writeBytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "a rate is 1 byte per second or more, not "
                            + readBytesPerSecond
                            + " and "
                            + writeBytesPerSecond);
        }
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        Protocol protocol = wrapped.buildProtocol(peer);
        return protocol == null ? null : new Held(protocol);
    }

    /// How often reading was paused, or writing held back, on all connections together.
    public long pauses() {
        return pauses.get();
    }

    /// Half-closeable whatever it wraps: what waits is to be sent although the peer has ended its
    /// direction.
    private final class Held extends WrappingProtocol implements HalfCloseable {
        private @Nullable RateLimitedTransport transport;

        Held(Protocol protocol) {
            super(protocol);
        }

        @Override
        public void connectionMade(Transport made) {
            transport =
                    new RateLimitedTransport(
                            made,
                            reading.apply(made.reactor()).share(),
                            writing.apply(made.reactor()).share(),
                            super::dataReceived,
                            super::writableAgain,
                            pauses::incrementAndGet);
            super.connectionMade(transport);
        }

        @Override
        public void dataReceived(Bytes data) {
            transport().received(data);
        }

        @Override
        public void readConnectionLost() {
            if (!transport().isClosing()) {
                passOnReadConnectionLost();
            }
        }

        @Override
        public void writableAgain() {
            transport().belowWritable();
        }

        @Override
        public void closeAsked(Transport asked) {
            transport().endRates();
            if (!transport().isClosing()) {
                super.closeAsked(asked);
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            CloseReason why = reason;
            try {
                if (transport != null) {
                    why = transport.ends(reason);
                }
            } finally {
                super.connectionLost(why);
            }
        }

        private RateLimitedTransport transport() {
            return requireNonNull(transport, "connectionMade comes first");
        }
    }
}
