package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A datagram protocol that writes down what happens to it, lets a test wait for it, and notices
/// when what [DatagramProtocol] promises is broken.
public final class DatagramProbe implements DatagramProtocol {
    private final List<String> happenings = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final List<Address.Inet> senders = new ArrayList<>();
    private final CompletableFuture<CloseReason> stopped = new CompletableFuture<>();
    private CompletableFuture<List<String>> enough = new CompletableFuture<>();
    private int awaited = Integer.MAX_VALUE;
    private volatile @Nullable DatagramTransport transport;
    private boolean inside;

    private Consumer<DatagramTransport> onStarted = _ -> {};
    private BiConsumer<Bytes, Address.Inet> onDatagram = (_, _) -> {};
    private Runnable onRefused = () -> {};
    private Runnable onStopped = () -> {};

    // ---- what it does, beside writing down ----

    /// Does `reaction` in `started`.
    public DatagramProbe onStarted(Consumer<DatagramTransport> reaction) {
        onStarted = reaction;
        return this;
    }

    /// Does `reaction` in `datagramReceived`.
    public DatagramProbe onDatagram(BiConsumer<Bytes, Address.Inet> reaction) {
        onDatagram = reaction;
        return this;
    }

    /// Does `reaction` in `connectionRefused`.
    public DatagramProbe onRefused(Runnable reaction) {
        onRefused = reaction;
        return this;
    }

    /// Does `reaction` in `stopped`.
    public DatagramProbe onStopped(Runnable reaction) {
        onStopped = reaction;
        return this;
    }

    /// Sends every datagram back.
    public DatagramProbe echo() {
        return onDatagram((data, from) -> transport().send(data, from));
    }

    // ---- what it was told ----

    /// The text of each datagram, `refused`, in their order.
    public synchronized List<String> happenings() {
        return List.copyOf(happenings);
    }

    /// Who sent each datagram.
    public synchronized List<Address.Inet> senders() {
        return List.copyOf(senders);
    }

    /// What broke the contract, in words; should be empty.
    public synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    /// The port, which must have been started.
    public DatagramTransport transport() {
        return requireNonNull(transport, "no port was started");
    }

    /// Whether it was started.
    public boolean started() {
        return transport != null;
    }

    /// Completes with why the port was stopped.
    public CompletableFuture<CloseReason> stopped() {
        return stopped;
    }

    /// Completes with all happenings when there are at least `count`. One may wait at a time.
    public synchronized CompletableFuture<List<String>> happened(int count) {
        awaited = count;
        enough = new CompletableFuture<>();
        completeIfEnough();
        return enough;
    }

    // ---- DatagramProtocol ----

    @Override
    public void started(DatagramTransport transport) {
        expect(this.transport == null, "started was called twice");
        this.transport = transport;
        called("started", () -> onStarted.accept(transport));
    }

    @Override
    public void datagramReceived(Bytes data, Address.Inet from) {
        String text = data.utf8();
        called(
                text,
                () -> {
                    try {
                        onDatagram.accept(data, from);
                    } finally {
                        happened(text, from);
                    }
                });
    }

    @Override
    public void connectionRefused() {
        called(
                "refused",
                () -> {
                    onRefused.run();
                    happened("refused", null);
                });
    }

    @Override
    public void stopped(CloseReason reason) {
        called(
                "stopped",
                () -> {
                    stopped.complete(reason);
                    onStopped.run();
                });
    }

    private void called(String what, Runnable reaction) {
        expect(!stopped.isDone(), "called after stopped: " + what);
        expect(!inside, "called inside another call: " + what);
        expect(transport != null, "called before started: " + what);
        expect(transport().reactor().inLoop(), "called off the loop: " + what);
        inside = true;
        try {
            reaction.run();
        } finally {
            inside = false;
        }
    }

    private synchronized void happened(String what, Address.@Nullable Inet from) {
        happenings.add(what);
        if (from != null) {
            senders.add(from);
        }
        completeIfEnough();
    }

    private synchronized void expect(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }

    private synchronized void completeIfEnough() {
        if (happenings.size() >= awaited) {
            enough.complete(happenings());
        }
    }
}
