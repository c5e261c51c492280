package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IoUringSocketsTest extends SocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }

    /// Whether the call that was awaited becomes ready before it is waited for, or after.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void setsAnAcceptedSocketUpOnItsLoopOnceItIsWatchedThere(boolean readyBefore) {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        List<Runnable> queue = new ArrayList<>();
        List<String> done = new ArrayList<>();
        if (readyBefore) {
            ready.complete(null);
        }
        IoUringSockets.soon(ready, queue::add, () -> done.add("set up"));
        done.add("watched");
        ready.complete(null);
        queue.forEach(Runnable::run);
        assertThat(done).containsExactly("watched", "set up");
    }
}
