package dev.torsion.cluster;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a node's links live, and their bounds. The node's name and incarnation are its bus's.
///
/// @param endpoint where links are accepted
/// @param advertised where other nodes reach the endpoint, its port 0 for the one that is bound;
///   null if that is the endpoint's own address
/// @param seeds nodes to find the others by; one of them may be this node
/// @param maxFrameBytes the longest frame taken, 2 MiB by default; before the handshake is done it
///   is 512 bytes
/// @param queueBytes how much may wait for one link, 64 MiB by default; more is dropped and counted
/// @param heartbeat how long a link is left without a word, 1 s by default
/// @param silenceLimit how long the other end may say nothing before the link is given up, 5 s by
///   default
/// @param handshakeDeadline how long a connection may take to be made, and then to become a link, 5
///   s by default
/// @param shortestBackOff how long to wait, about, before the first new attempt, 100 ms by default
/// @param longestBackOff how long to wait, at most, before a new attempt, 10 s by default
/// @param forgetAfter how long a node without a link is remembered, 60 s by default
/// @param stopDeadline how long goodbyes may take, 5 s by default
public record ClusterOptions(
        Endpoint.Tcp endpoint,
        Address.@Nullable Inet advertised,
        List<Address.Inet> seeds,
        int maxFrameBytes,
        long queueBytes,
        Duration heartbeat,
        Duration silenceLimit,
        Duration handshakeDeadline,
        Duration shortestBackOff,
        Duration longestBackOff,
        Duration forgetAfter,
        Duration stopDeadline) {
    /// Room for whatever a link says that is no event; no node takes less.
    static final int LEAST_FRAME_BYTES = 4096;

    /// @throws IllegalArgumentException saying what is wrong
    public ClusterOptions {
        seeds = List.copyOf(seeds);
        if (maxFrameBytes < LEAST_FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "frames of at least " + LEAST_FRAME_BYTES + " bytes, not " + maxFrameBytes);
        }
        if (queueBytes < 1) {
            throw new IllegalArgumentException("a link's queue has room for 1 byte or more");
        }
        requirePositive("heartbeat", heartbeat);
        requirePositive("handshake deadline", handshakeDeadline);
        requirePositive("shortest back-off", shortestBackOff);
        requirePositive("forgetting", forgetAfter);
        requirePositive("stop deadline", stopDeadline);
        if (silenceLimit.compareTo(heartbeat.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "the silence limit is two heartbeats or more: "
                            + silenceLimit
                            + " is less than twice "
                            + heartbeat);
        }
        if (longestBackOff.compareTo(shortestBackOff) < 0) {
            throw new IllegalArgumentException(
                    "the longest back-off, "
                            + longestBackOff
                            + ", is shorter than the shortest, "
                            + shortestBackOff);
        }
    }

    private static void requirePositive(String what, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("the " + what + " takes more than no time: " + time);
        }
    }

    /// The defaults, and no seeds.
    public static ClusterOptions at(Endpoint.Tcp endpoint) {
        return new ClusterOptions(
                endpoint,
                null,
                List.of(),
                2 << 20,
                64L << 20,
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(5));
    }

    public ClusterOptions withAdvertised(Address.@Nullable Inet newAdvertised) {
        return new ClusterOptions(
                endpoint,
                newAdvertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                stopDeadline);
    }

    public ClusterOptions withSeeds(List<Address.Inet> newSeeds) {
        return new ClusterOptions(
                endpoint,
                advertised,
                newSeeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                stopDeadline);
    }

    /// With other bounds on what is taken in one frame and what may wait to be sent.
    public ClusterOptions withBytes(int newMaxFrameBytes, long newQueueBytes) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                newMaxFrameBytes,
                newQueueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                stopDeadline);
    }

    /// With another rhythm of life signs.
    public ClusterOptions withHeartbeat(Duration newHeartbeat, Duration newSilenceLimit) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                newHeartbeat,
                newSilenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                stopDeadline);
    }

    /// With other bounds on the wait before a new attempt.
    public ClusterOptions withBackOff(Duration shortest, Duration longest) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortest,
                longest,
                forgetAfter,
                stopDeadline);
    }

    public ClusterOptions withHandshakeDeadline(Duration newHandshakeDeadline) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                newHandshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                stopDeadline);
    }

    public ClusterOptions withForgetAfter(Duration newForgetAfter) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                newForgetAfter,
                stopDeadline);
    }

    public ClusterOptions withStopDeadline(Duration newStopDeadline) {
        return new ClusterOptions(
                endpoint,
                advertised,
                seeds,
                maxFrameBytes,
                queueBytes,
                heartbeat,
                silenceLimit,
                handshakeDeadline,
                shortestBackOff,
                longestBackOff,
                forgetAfter,
                newStopDeadline);
    }
}
