package dev.torsion.reactor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A protocol that writes down what happens to it, lets a test wait for it, and notices when what
/// [Protocol] promises is broken.
public final class Probe implements Protocol {
    private final CompletableFuture<Transport> made = new CompletableFuture<>();
    private final CompletableFuture<Void> becameWritable = new CompletableFuture<>();
    private final CompletableFuture<CloseReason> lost = new CompletableFuture<>();
    private final List<String> happenings = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private CompletableFuture<String> enough = new CompletableFuture<>();
    private int awaited = Integer.MAX_VALUE;
    private volatile @Nullable Transport transport;
    private boolean inside;

    private Consumer<Transport> onMade = _ -> {};
    private Consumer<Bytes> onData = _ -> {};
    private Runnable onWritableAgain = () -> {};
    private Consumer<Transport> onCloseAsked = Transport::loseConnection;
    private Runnable onLost = () -> {};

    // ---- what it does, beside writing down ----

    /// Does `reaction` in `connectionMade`.
    public Probe onMade(Consumer<Transport> reaction) {
        onMade = reaction;
        return this;
    }

    /// Does `reaction` in `dataReceived`.
    public Probe onData(Consumer<Bytes> reaction) {
        onData = reaction;
        return this;
    }

    /// Does `reaction` in `writableAgain`.
    public Probe onWritableAgain(Runnable reaction) {
        onWritableAgain = reaction;
        return this;
    }

    /// Does `reaction` in `closeAsked`, instead of closing.
    public Probe onCloseAsked(Consumer<Transport> reaction) {
        onCloseAsked = reaction;
        return this;
    }

    /// Does `reaction` in `connectionLost`.
    public Probe onLost(Runnable reaction) {
        onLost = reaction;
        return this;
    }

    // ---- what it was told ----

    /// `made`, the text of each piece of data, `writable again`, `lost: <reason>`, in their order.
    public synchronized List<String> happenings() {
        return List.copyOf(happenings);
    }

    /// What broke the contract, in words; should be empty.
    public synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    /// The connection, which must have been made.
    public Transport transport() {
        return requireNonNull(transport, "no connection was made");
    }

    /// Completes with the connection.
    public CompletableFuture<Transport> made() {
        return made;
    }

    /// Completes when it may write again for the first time.
    public CompletableFuture<Void> becameWritable() {
        return becameWritable;
    }

    /// Completes with why the connection ended.
    public CompletableFuture<CloseReason> lost() {
        return lost;
    }

    /// All bytes so far, as UTF-8 text.
    public synchronized String text() {
        return received.toString(UTF_8);
    }

    /// Completes with all bytes so far, as UTF-8 text, when there are at least `count` of them. One
    /// may wait at a time.
    public synchronized CompletableFuture<String> received(int count) {
        awaited = count;
        enough = new CompletableFuture<>();
        completeIfEnough();
        return enough;
    }

    // ---- Protocol ----

    // What a test waits for completes after the reaction, so that it then sees what that did.

    @Override
    public void connectionMade(Transport transport) {
        expect(this.transport == null, "connectionMade was called twice");
        this.transport = transport;
        called("made", () -> onMade.accept(transport), () -> made.complete(transport));
    }

    @Override
    public void dataReceived(Bytes data) {
        int size = data.size();
        expect(size > 0 && size <= Transport.LARGEST_READ, "dataReceived got " + size + " bytes");
        called(data.utf8(), () -> onData.accept(data), () -> took(data));
    }

    @Override
    public void writableAgain() {
        called("writable again", onWritableAgain, () -> becameWritable.complete(null));
    }

    @Override
    public void closeAsked(Transport asked) {
        onCloseAsked.accept(asked);
    }

    @Override
    public void connectionLost(CloseReason reason) {
        called("lost: " + reason, onLost, () -> lost.complete(reason));
    }

    private void called(String what, Runnable reaction, Runnable completion) {
        synchronized (this) {
            happenings.add(what);
        }
        expect(!lost.isDone(), "called after connectionLost: " + what);
        expect(!inside, "called inside another call: " + what);
        expect(transport != null, "called before connectionMade: " + what);
        expect(transport().reactor().inLoop(), "called off the loop: " + what);
        inside = true;
        try {
            reaction.run();
        } finally {
            inside = false;
            completion.run();
        }
    }

    private synchronized void took(Bytes data) {
        received.writeBytes(data.toArray());
        completeIfEnough();
    }

    private synchronized void expect(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }

    private synchronized void completeIfEnough() {
        if (received.size() >= awaited) {
            enough.complete(text());
        }
    }
}
