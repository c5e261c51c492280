package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes down what happens to it.
final class Recorder implements Protocol {
    private final List<String> happenings = new ArrayList<>();
    private Consumer<Bytes> onData = data -> happenings.add(data.utf8());
    private @Nullable Transport transport;

    List<String> happenings() {
        return happenings;
    }

    Transport transport() {
        return requireNonNull(transport);
    }

    void onData(Consumer<Bytes> reaction) {
        onData = reaction;
    }

    @Override
    public void connectionMade(Transport made) {
        transport = made;
        happenings.add("made");
    }

    @Override
    public void dataReceived(Bytes data) {
        onData.accept(data);
    }

    @Override
    public void writableAgain() {
        happenings.add("writable again");
    }

    @Override
    public void connectionLost(CloseReason reason) {
        happenings.add("lost: " + reason);
    }
}
