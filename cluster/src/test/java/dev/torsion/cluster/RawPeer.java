package dev.torsion.cluster;

import dev.torsion.protocols.FrameProtocol;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The other end of a link, played by the test: it dials a node and says what it is told to.
final class RawPeer extends FrameProtocol {
    private final World world;
    private final ManualReactor reactor;
    private final List<Frame> received = new ArrayList<>();
    private @Nullable CloseReason closed;

    private RawPeer(World world, ManualReactor reactor) {
        super(4 << 20);
        this.world = world;
        this.reactor = reactor;
    }

    /// Dials the node on `target` from the host `from`.
    static RawPeer dial(World world, String from, String target) {
        ManualReactor reactor = world.network.reactor(from);
        RawPeer peer = new RawPeer(world, reactor);
        world.network.await(
                reactor.connect(World.at(target), _ -> peer, Duration.ofSeconds(1)), World.SOON);
        return peer;
    }

    static NodeIdentity identity(String name, long incarnation) {
        return new NodeIdentity(name, incarnation, Address.of(name, World.PORT));
    }

    /// Shakes hands as `name`; a name that sorts before the node's takes the link as well.
    RawPeer link(String name, int maxFrameBytes) {
        send(FrameCodec.hello(Frame.HELLO, identity(name, 1), maxFrameBytes));
        if (!received.isEmpty()
                && received.getFirst() instanceof Frame.Welcome welcome
                && name.compareTo(welcome.node().name()) < 0) {
            send(FrameCodec.linked());
        }
        say(out -> FrameCodec.writeMembers(List.of(), out));
        return this;
    }

    RawPeer link(String name) {
        return link(name, 2 << 20);
    }

    void say(Consumer<FrameWriter> frames) {
        FrameWriter out = new FrameWriter(256);
        frames.accept(out);
        send(out.done());
    }

    void send(Bytes bytes) {
        transport().write(bytes);
        world.network.runUntilIdle();
    }

    void pauseReading() {
        transport().pauseReading();
    }

    void resumeReading() {
        transport().resumeReading();
    }

    List<Frame> received() {
        return received;
    }

    <T extends Frame> List<T> received(Class<T> kind) {
        return received.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    Frame.Goodbye goodbye() {
        return received(Frame.Goodbye.class).getFirst();
    }

    boolean isClosed() {
        return closed != null;
    }

    ManualReactor reactor() {
        return reactor;
    }

    @Override
    protected void frameReceived(Bytes frame) {
        received.add(FrameCodec.read(frame, new LastEvent()));
    }

    @Override
    protected void disconnected(CloseReason reason) {
        closed = reason;
    }
}
