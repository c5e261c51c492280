package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A protocol that lets a test wait for what happens to it.
class Recorder implements Protocol {
    final CompletableFuture<Transport> made = new CompletableFuture<>();
    final CompletableFuture<CloseReason> lost = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int awaited = Integer.MAX_VALUE;
    private CompletableFuture<byte[]> enough = new CompletableFuture<>();

    @Override
    public void connectionMade(Transport transport) {
        made.complete(transport);
    }

    @Override
    public void dataReceived(Bytes data) {
        synchronized (received) {
            received.writeBytes(data.toArray());
            if (received.size() >= awaited) {
                enough.complete(received.toByteArray());
            }
        }
    }

    @Override
    public void connectionLost(CloseReason reason) {
        if (!lost.complete(reason)) {
            throw new AssertionError("connectionLost was called twice");
        }
    }

    /// All bytes so far, once there are `count` of them.
    byte[] received(int count) throws Exception {
        CompletableFuture<byte[]> waiting;
        synchronized (received) {
            awaited = count;
            enough = new CompletableFuture<>();
            if (received.size() >= count) {
                enough.complete(received.toByteArray());
            }
            waiting = enough;
        }
        return waiting.get(60, TimeUnit.SECONDS);
    }

    CloseReason lost() throws Exception {
        return lost.get(60, TimeUnit.SECONDS);
    }

    Transport transport() throws Exception {
        return made.get(60, TimeUnit.SECONDS);
    }

    /// Does something with the transport, on its loop, and waits until it is done.
    void onLoop(Consumer<Transport> action) throws Exception {
        Transport transport = transport();
        CompletableFuture<Void> done = new CompletableFuture<>();
        transport
                .reactor()
                .callFromThread(() -> {
                    try {
                        action.accept(transport);
                        done.complete(null);
                    } catch (Throwable thrown) {
                        done.completeExceptionally(thrown);
                    }
                });
        done.get(60, TimeUnit.SECONDS);
    }
}
