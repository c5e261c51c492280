package dev.torsion.reactor.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.ProcessTransport;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A process protocol that writes down what happens to it, and notices when what [ProcessProtocol]
/// promises is broken.
public final class ProcessProbe implements ProcessProtocol {
    private static final int LARGEST_PIECE = 64 << 10;

    private final List<String> happenings = Collections.synchronizedList(new ArrayList<>());
    private final List<String> broken = Collections.synchronizedList(new ArrayList<>());
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<ProcessTransport> made = new CompletableFuture<>();
    private final CompletableFuture<Void> spoke = new CompletableFuture<>();
    private final CompletableFuture<Void> inLost = new CompletableFuture<>();
    private final CompletableFuture<Void> outLost = new CompletableFuture<>();
    private final CompletableFuture<Void> becameWritable = new CompletableFuture<>();
    private final CompletableFuture<ProcessEnd> exited = new CompletableFuture<>();
    private volatile @Nullable ProcessTransport transport;
    private boolean inside;
    private boolean ended;

    private Consumer<ProcessTransport> onMade = _ -> {};
    private Consumer<Bytes> onOut = _ -> {};
    private Runnable onExited = () -> {};

    // ---- what it does, beside writing down ----

    public ProcessProbe onMade(Consumer<ProcessTransport> reaction) {
        onMade = reaction;
        return this;
    }

    public ProcessProbe onOut(Consumer<Bytes> reaction) {
        onOut = reaction;
        return this;
    }

    public ProcessProbe onExited(Runnable reaction) {
        onExited = reaction;
        return this;
    }

    // ---- what it was told ----

    /// What was called, in order; pieces of one stream that follow one another are one `out` or
    /// `err`, and what was lost together is sorted: `in`, `out`, `err`.
    public List<String> happenings() {
        List<String> told = new ArrayList<>();
        for (String one : List.copyOf(happenings)) {
            boolean again = !told.isEmpty() && told.getLast().equals(one);
            if (!again) {
                int at = told.size();
                while (at > 0 && rank(told.get(at - 1)) > rank(one) && rank(one) > 0) {
                    at--;
                }
                told.add(at, one);
            }
        }
        return told;
    }

    private static int rank(String happening) {
        return List.of("in lost", "out lost", "err lost").indexOf(happening) + 1;
    }

    public List<String> broken() {
        return List.copyOf(broken);
    }

    public ProcessTransport transport() {
        return requireNonNull(transport, "no program was started");
    }

    public CompletableFuture<ProcessTransport> made() {
        return made;
    }

    /// Completes with the first thing on its standard output.
    public CompletableFuture<Void> spoke() {
        return spoke;
    }

    public CompletableFuture<Void> inLost() {
        return inLost;
    }

    public CompletableFuture<Void> outLost() {
        return outLost;
    }

    public CompletableFuture<Void> becameWritable() {
        return becameWritable;
    }

    public CompletableFuture<ProcessEnd> exited() {
        return exited;
    }

    public synchronized byte[] outBytes() {
        return out.toByteArray();
    }

    public synchronized String out() {
        return out.toString(ISO_8859_1);
    }

    public synchronized String err() {
        return err.toString(ISO_8859_1);
    }

    // ---- ProcessProtocol ----

    @Override
    public void connectionMade(ProcessTransport newTransport) {
        expect(transport == null, "connectionMade was called twice");
        transport = newTransport;
        called("made", () -> onMade.accept(newTransport));
        made.complete(newTransport);
    }

    @Override
    public void outReceived(Bytes data) {
        received(data, out, "out lost");
        called("out", () -> onOut.accept(data));
        spoke.complete(null);
    }

    @Override
    public void errReceived(Bytes data) {
        received(data, err, "err lost");
        called("err", () -> {});
    }

    private synchronized void received(Bytes data, ByteArrayOutputStream stream, String end) {
        expect(
                !data.isEmpty() && data.size() <= LARGEST_PIECE,
                "a piece of " + data.size() + " bytes");
        expect(!happenings.contains(end), "data after " + end);
        stream.writeBytes(data.toArray());
    }

    @Override
    public void writableAgain() {
        called("writable again", () -> {});
        becameWritable.complete(null);
    }

    @Override
    public void inConnectionLost() {
        once("in lost", () -> {});
        inLost.complete(null);
    }

    @Override
    public void outConnectionLost() {
        once("out lost", () -> {});
        outLost.complete(null);
    }

    @Override
    public void errConnectionLost() {
        once("err lost", () -> {});
    }

    @Override
    public void processExited(ProcessEnd end) {
        expect(!exited.isDone(), "processExited was called twice");
        try {
            called("exited", onExited);
        } finally {
            exited.complete(end);
        }
    }

    @Override
    public void processEnded(ProcessEnd end) {
        boolean neverRan = end instanceof ProcessEnd.NotStarted;
        expect(neverRan == !made.isDone(), "made: " + made.isDone() + ", and " + end);
        expect(neverRan == !exited.isDone(), "exited: " + exited.isDone() + ", and " + end);
        expect(neverRan || happenings.containsAll(List.of("in lost", "out lost")), "ended early");
        called("ended", () -> {});
        ended = true;
    }

    private void once(String happening, Runnable reaction) {
        expect(!happenings.contains(happening), happening + " was told twice");
        called(happening, reaction);
    }

    private void called(String happening, Runnable reaction) {
        happenings.add(happening);
        expect(!ended, "called after processEnded: " + happening);
        expect(!inside, "called inside another call: " + happening);
        if (transport != null) {
            expect(transport().reactor().inLoop(), "called off the loop: " + happening);
        }
        inside = true;
        try {
            reaction.run();
        } finally {
            inside = false;
        }
    }

    private void expect(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }
}
