package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class LookupsTest {

    @Test
    void failAtOnceWithoutAThread() throws Exception {
        NettyReactor reactor = NettyReactor.create();
        CompletableFuture<CompletableFuture<List<InetAddress>>> found = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            Lookups lookups =
                    new Lookups(
                            reactor,
                            _ -> {
                                throw new OutOfMemoryError("by the test");
                            });
            try {
                found.complete(lookups.find(Address.of("a.example", 1)));
            } catch (Throwable thrown) {
                found.completeExceptionally(new AssertionError("thrown at the loop"));
            }
        });
        assertThatThrownBy(() -> found.get(60, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS))
                .hasRootCauseMessage("by the test");
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
