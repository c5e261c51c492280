package dev.torsion.cluster;

import static java.util.Objects.requireNonNull;

import dev.torsion.bus.Durations;
import dev.torsion.protocols.FrameProtocol;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to another node, from its first byte to its last.
///
/// ```
///  dialled                                     accepted
///  AwaitingWelcome                             AwaitingHello
///     │ WELCOME (→ LINKED if this end decides)    │ HELLO → WELCOME
///     │                                           ├── this end decides ──┐
///     │                                           ▼                      │
///     │                                 AwaitingLinked ──LINKED──┐       │
///     ▼                                                          ▼       ▼
///    Up ◀────────────────────────────────────────────────────────┴───────┘
///     │ stop here, or GOODBYE from there: interest withdrawn, what waits is sent, then GOODBYE
///     ▼
///  Leaving ──both said goodbye, all is sent──▶ Ended
///
///  any ──malformed, too long, too slow, silent, not wanted, connection lost──▶ Ended
/// ```
///
/// Of the two nodes, the one whose name sorts first decides which connection is their link
/// ([Mesh#judge]): no event travels before it has, so that a duplicate never takes one with it.
///
/// Loop only. What waits to be sent is in the [Outbox], which any thread fills.
final class Link implements Protocol {
    private static final Logger log = LoggerFactory.getLogger(Link.class);

    private sealed interface State {
        record AwaitingHello() implements State {}

        record AwaitingWelcome() implements State {}

        record AwaitingLinked(NodeIdentity node, int maxFrameBytes) implements State {}

        record Up(Peer peer) implements State {}

        record Leaving(Peer peer, boolean goodbyeHeard) implements State {}

        record Ended() implements State {}
    }

    private final Mesh mesh;
    private final Address address;
    private final Dialer.@Nullable Target target;
    private final Frames frames = new Frames();
    private final Runnable flush = this::flush;
    private final LastEvent lastEvent = new LastEvent();
    private State state;
    private @Nullable DelayedCall timer;
    private boolean writable = true;
    private boolean wroteSinceBeat;
    private int silentBeats;
    private boolean interestKnown;
    private boolean unknownSeen;

    private Link(Mesh mesh, Address address, Dialer.@Nullable Target target, State first) {
        this.mesh = mesh;
        this.address = address;
        this.target = target;
        this.state = first;
    }

    static Link accepted(Mesh mesh, Address peer) {
        return new Link(mesh, peer, null, new State.AwaitingHello());
    }

    static Link dialled(Mesh mesh, Dialer.Target target) {
        return new Link(mesh, target.address(), target, new State.AwaitingWelcome());
    }

    // ---- what the mesh asks ----

    /// Who is at the other end of a link that has come up and not ended.
    NodeIdentity identity() {
        return requireNonNull(peer(), "no link yet, or no more").node();
    }

    /// Why, when and how a link was dialled; null if it was accepted.
    Dialer.@Nullable Target target() {
        return target;
    }

    boolean isUp() {
        return state instanceof State.Up;
    }

    /// Whether it is no link yet.
    boolean isShakingHands() {
        return switch (state) {
            case State.AwaitingHello _, State.AwaitingWelcome _, State.AwaitingLinked _ -> true;
            case State.Up _, State.Leaving _, State.Ended _ -> false;
        };
    }

    /// Whether it is up and the other node's interest has been told.
    boolean isReady() {
        return isUp() && interestKnown;
    }

    /// Tells the other node whom this one is linked to: in one frame or more.
    void tell(List<NodeIdentity> members) {
        if (state instanceof State.Up(Peer peer)) {
            int from = 0;
            do {
                int to = Math.min(members.size(), from + FrameCodec.MEMBERS_PER_FRAME);
                List<NodeIdentity> part = members.subList(from, to);
                peer.outbox().frame(out -> FrameCodec.writeMembers(part, out));
                from = to;
            } while (from < members.size());
        }
    }

    /// Sends a sign of life now: if the other end is gone, its answer will show it.
    void probe() {
        if (isUp() && writable) {
            frames.write(FrameCodec.heartbeat());
        }
    }

    /// Asks to be told when no more events are on their way here; see [Mesh#cleared].
    ///
    /// @return whether this link can tell
    boolean awaitCleared() {
        if (state instanceof State.Up(Peer peer)) {
            peer.outbox().frame(FrameCodec::writeWithdrawn);
            return true;
        }
        return false;
    }

    /// Leaves in good order: everything that waits is sent, and what the other node has on its way
    /// is taken, before the connection closes.
    void leave() {
        switch (state) {
            case State.Up(Peer peer) -> depart(peer, false);
            case State.AwaitingHello _, State.AwaitingWelcome _, State.AwaitingLinked _ ->
                    end(Farewell.STOPPING, "the node stops");
            case State.Leaving _, State.Ended _ -> {}
        }
    }

    /// Ends it at once, with a goodbye if the connection still takes one.
    void end(Farewell why, String text) {
        if (state instanceof State.Ended) {
            return;
        }
        FrameWriter out = new FrameWriter(256);
        FrameCodec.writeGoodbye(why, mesh.self().name(), text, out);
        frames.write(out.done());
        close();
    }

    /// Ends it without another word, whatever waits.
    void abort() {
        frames.connection().abortConnection();
        ended();
    }

    // ---- what the connection tells ----

    @Override
    public void connectionMade(Transport transport) {
        frames.connectionMade(transport);
        timer = mesh.home().callLater(mesh.options().handshakeDeadline(), this::handshakeLate);
        if (state instanceof State.AwaitingWelcome) {
            frames.write(hello(Frame.HELLO));
        }
        mesh.opened(this);
    }

    @Override
    public void dataReceived(Bytes data) {
        silentBeats = 0;
        frames.dataReceived(data);
    }

    @Override
    public void writableAgain() {
        writable = true;
        flush();
    }

    @Override
    public void connectionLost(CloseReason reason) {
        if (isShakingHands()) {
            log.debug("{}: the connection ended before it became a link: {}", this, reason);
        } else if (!(state instanceof State.Ended)) {
            String how = reason instanceof CloseReason.Done ? "" : ": " + reason;
            mesh.warnings().warn(this, "ended without a goodbye" + how);
        }
        frames.connectionLost(reason);
        ended();
        mesh.closed(this);
    }

    private Bytes hello(int type) {
        return FrameCodec.hello(type, mesh.self(), mesh.options().maxFrameBytes());
    }

    private void handshakeLate() {
        String deadline = Durations.text(mesh.options().handshakeDeadline());
        String missing =
                switch (state) {
                    case State.AwaitingHello _ -> "no hello";
                    case State.AwaitingWelcome _ -> "no answer to the hello";
                    case State.AwaitingLinked _ -> "no word on whether the link is taken";
                    case State.Up _, State.Leaving _, State.Ended _ ->
                            throw new IllegalStateException("no handshake is going on");
                };
        mesh.warnings().warn(this, "closed, " + missing + " within " + deadline);
        end(Farewell.SILENCE, missing + " within " + deadline);
    }

    // ---- frames ----

    private void received(Bytes bytes) {
        try {
            handle(FrameCodec.read(bytes, lastEvent));
        } catch (MalformedFrameException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    /// The other end broke the rules.
    private void refuse(String what) {
        if (isShakingHands()) {
            mesh.warnings().warn(this, "closed, it sent " + what);
        } else {
            log.warn("{}: closed, it sent {}", this, what);
        }
        if (state instanceof State.AwaitingHello) {
            close(); // a stranger, who would not understand a goodbye
        } else {
            end(Farewell.PROTOCOL_ERROR, what);
        }
    }

    private void handle(Frame frame) {
        switch (state) {
            case State.AwaitingHello _ -> awaitingHello(frame);
            case State.AwaitingWelcome _ -> awaitingWelcome(frame);
            case State.AwaitingLinked(NodeIdentity node, int maxFrameBytes) ->
                    awaitingLinked(frame, node, maxFrameBytes);
            case State.Up(Peer peer) -> linked(frame, peer);
            case State.Leaving(Peer peer, _) -> linked(frame, peer);
            case State.Ended _ -> {}
        }
    }

    private void awaitingHello(Frame frame) {
        switch (frame) {
            case Frame.Hello(NodeIdentity node, int maxFrameBytes) -> {
                if (accepts(node)) {
                    frames.write(hello(Frame.WELCOME));
                    if (mesh.decidesWith(node)) {
                        up(node, maxFrameBytes);
                    } else {
                        state = new State.AwaitingLinked(node, maxFrameBytes);
                    }
                }
            }
            case Frame.ForeignHello(int version) -> foreign(version);
            default -> refuse("a frame that is not a hello");
        }
    }

    private void awaitingWelcome(Frame frame) {
        switch (frame) {
            case Frame.Welcome(NodeIdentity node, int maxFrameBytes) -> {
                requireNonNull(target).isAt(node.name());
                if (accepts(node)) {
                    if (mesh.decidesWith(node)) {
                        frames.write(FrameCodec.linked());
                    }
                    up(node, maxFrameBytes);
                }
            }
            case Frame.ForeignHello(int version) -> foreign(version);
            case Frame.Goodbye goodbye -> refused(goodbye);
            default -> refuse("a frame that is not a welcome");
        }
    }

    private void awaitingLinked(Frame frame, NodeIdentity node, int maxFrameBytes) {
        switch (frame) {
            case Frame.Linked _ -> {
                if (accepts(node)) { // again: things may have changed since its hello
                    up(node, maxFrameBytes);
                }
            }
            case Frame.Goodbye goodbye -> refused(goodbye);
            default -> refuse("a frame before the link was taken");
        }
    }

    private boolean accepts(NodeIdentity node) {
        return switch (mesh.judge(node)) {
            case Mesh.Verdict.Accept _ -> true;
            case Mesh.Verdict.Refuse(Farewell why, String text) -> {
                log.debug("{}: refused {}: {}", this, node, text);
                if (why == Farewell.SELF && target != null) {
                    target.isSelf();
                }
                end(why, text);
                yield false;
            }
        };
    }

    private void foreign(int version) {
        String text =
                "this node speaks version %d of the link protocol, the other end version %d"
                        .formatted(FrameCodec.VERSION, version);
        mesh.warnings().warn(this, "closed, " + text + ": run the same release on both");
        end(Farewell.VERSION, text);
    }

    /// The other end wants no link over this connection.
    private void refused(Frame.Goodbye goodbye) {
        if (target != null) {
            switch (goodbye.why()) {
                case SELF -> target.isSelf();
                case DUPLICATE -> target.isAt(goodbye.from());
                case STOPPING -> {}
                case NAME_TAKEN, REPLACED -> mesh.nameRefused(goodbye);
                case VERSION, PROTOCOL_ERROR, SILENCE, OVERLOADED, OTHER ->
                        target.complain("it refuses a link: " + goodbye.text());
            }
        }
        close();
    }

    private void up(NodeIdentity node, int maxFrameBytes) {
        frames.allow(mesh.options().maxFrameBytes());
        Books books = mesh.books(node);
        Outbox outbox =
                new Outbox(
                        books,
                        mesh.options().queueBytes(),
                        maxFrameBytes,
                        () -> mesh.home().callFromThread(flush));
        long receivedBefore = books.linked(outbox);
        Peer peer = new Peer(node, outbox, books, mesh.bus());
        state = new State.Up(peer);
        stopTimer();
        timer = mesh.home().callLater(mesh.options().heartbeat(), this::beat);
        outbox.frame(out -> FrameCodec.writeReceived(receivedBefore, out));
        peer.tellInterest();
        mesh.linked(this, node);
    }

    private void linked(Frame frame, Peer peer) {
        switch (frame) {
            case Frame.EventSent event -> deliver(event, peer);
            case Frame.InterestTold(var interest, int count) -> {
                if (isUp()) {
                    peer.wants(interest, count);
                }
            }
            case Frame.MembersTold(List<NodeIdentity> members) -> {
                if (isUp()) {
                    boolean first = !interestKnown;
                    interestKnown = true;
                    mesh.membersTold(this, members, first);
                }
            }
            case Frame.Heartbeat _ -> {}
            case Frame.Received(long events) -> confirmed(events, peer);
            case Frame.Withdrawn _ -> peer.outbox().frame(FrameCodec::writeCleared);
            case Frame.Cleared _ -> mesh.cleared(this);
            case Frame.Goodbye goodbye -> goodbye(goodbye, peer);
            case Frame.Unknown(int type) -> ignore(type, peer);
            case Frame.Hello _, Frame.ForeignHello _, Frame.Welcome _, Frame.Linked _ ->
                    refuse("a handshake on a link that stands");
        }
    }

    private void deliver(Frame.EventSent sent, Peer peer) {
        peer.books().received();
        try {
            mesh.bus().receive(sent.event(), sent.plain(), sent.groups(), sent.nobodyMatters());
        } catch (RuntimeException e) {
            log.error("{}: event {} could not be handed on", this, sent.event().id(), e);
        }
    }

    private void confirmed(long events, Peer peer) {
        if (!peer.books().confirmed(events)) {
            refuse("a count of " + events + " events received, which cannot be");
        }
    }

    private void ignore(int type, Peer peer) {
        peer.books().ignoredFrame();
        if (!unknownSeen) {
            unknownSeen = true;
            log.info("{}: sends frames of kind {}, which this node ignores", this, type);
        }
    }

    private void goodbye(Frame.Goodbye goodbye, Peer peer) {
        if (goodbye.why() == Farewell.STOPPING) {
            mesh.departed(peer.node());
            depart(peer, true);
            return;
        }
        if (goodbye.why() == Farewell.REPLACED || goodbye.why() == Farewell.NAME_TAKEN) {
            mesh.nameRefused(goodbye);
        } else if (goodbye.why() == Farewell.DUPLICATE) {
            log.debug("{}: closed, {}", this, goodbye.text());
        } else {
            log.warn("{}: the other end closed the link: {}", this, goodbye.text());
        }
        close();
    }

    // ---- leaving ----

    private void depart(Peer peer, boolean goodbyeHeard) {
        if (state instanceof State.Up) {
            peer.withdraw();
            tellReceived(peer);
            peer.outbox()
                    .closeAfter(out ->
                            FrameCodec.writeGoodbye(
                                    Farewell.STOPPING,
                                    mesh.self().name(),
                                    goodbyeHeard ? "goodbye" : "the node stops",
                                    out));
        }
        state = new State.Leaving(peer, goodbyeHeard);
        mesh.ended(this, peer.node());
        flush();
    }

    private void close() {
        frames.connection().loseConnection();
        ended();
    }

    private void ended() {
        Peer peer = peer();
        state = new State.Ended();
        stopTimer();
        if (peer != null) {
            peer.withdraw();
            peer.outbox().close();
            mesh.ended(this, peer.node());
        }
    }

    private @Nullable Peer peer() {
        return switch (state) {
            case State.Up(Peer peer) -> peer;
            case State.Leaving(Peer peer, _) -> peer;
            case State.AwaitingHello _,
                    State.AwaitingWelcome _,
                    State.AwaitingLinked _,
                    State.Ended _ ->
                    null;
        };
    }

    /// Tells how many events have come, if that is news.
    ///
    /// @return whether it was
    private boolean tellReceived(Peer peer) {
        OptionalLong news = peer.books().newsOfReceived();
        news.ifPresent(count -> peer.outbox().frame(out -> FrameCodec.writeReceived(count, out)));
        return news.isPresent();
    }

    // ---- life signs ----

    private void beat() {
        Peer peer = peer();
        if (peer == null) {
            return;
        }
        // Counted in beats of this loop: one that was held up does not blame the other end.
        Duration heartbeat = mesh.options().heartbeat();
        if (heartbeat.multipliedBy(++silentBeats).compareTo(mesh.options().silenceLimit()) > 0) {
            String text = "not a word for " + Durations.text(mesh.options().silenceLimit());
            log.warn("{}: closed, {}", this, text);
            end(Farewell.SILENCE, text);
            return;
        }
        if (peer.outbox().overrun()) {
            log.warn("{}: closed, more changes of interest wait for it than may", this);
            end(Farewell.OVERLOADED, "more changes of interest wait than may");
            return;
        }
        if (!tellReceived(peer) && !wroteSinceBeat && writable) {
            frames.write(FrameCodec.heartbeat()); // between two frames, since all was taken
        }
        wroteSinceBeat = false;
        timer = mesh.home().callLater(heartbeat, this::beat);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    // ---- sending ----

    private void flush() {
        Peer peer = peer();
        while (peer != null && writable) {
            Outbox.Chunk chunk = peer.outbox().next();
            if (chunk == null) {
                if (state instanceof State.Leaving(_, boolean heard) && heard) {
                    close();
                }
                return;
            }
            writable = frames.write(chunk.bytes());
            wroteSinceBeat = true;
        }
    }

    @Override
    public String toString() {
        Peer peer = peer();
        String way = target == null ? "link from " : "link to ";
        return way + address + (peer == null ? "" : " (" + peer.name() + ")");
    }

    private final class Frames extends FrameProtocol {
        Frames() {
            super(FrameCodec.MAX_HELLO);
        }

        Transport connection() {
            return transport();
        }

        boolean write(Bytes bytes) {
            return transport().write(bytes);
        }

        void allow(int maxFrameBytes) {
            limitFrames(maxFrameBytes);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            received(frame);
        }

        @Override
        protected void frameLengthExceeded(long announced) {
            boolean early = isShakingHands();
            refuse(
                    "a frame of %d bytes, more than the %d allowed%s"
                            .formatted(
                                    announced,
                                    early ? FrameCodec.MAX_HELLO : mesh.options().maxFrameBytes(),
                                    early ? " before the handshake: not a node?" : ""));
        }
    }
}
