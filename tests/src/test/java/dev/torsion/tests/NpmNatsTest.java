package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The public NATS client on npm at a node's door.
@Timeout(120)
final class NpmNatsTest {
    private final NatsDoorSetting node = new NatsDoorSetting();

    @AfterEach
    void stop() throws Exception {
        node.close();
    }

    @Test
    void keepsEveryPromiseOfTheScript() throws Exception {
        Path scripts = Interop.nodeScriptsWith("nats");
        restartWhenAsked();
        Process client =
                new ProcessBuilder("node", "nats_client.mjs", node.url())
                        .directory(scripts.toFile())
                        .redirectErrorStream(true)
                        .start();
        List<String> printed;
        try {
            printed = client.inputReader(UTF_8).readAllLines();
        } finally {
            client.destroyForcibly();
        }
        assertThat(printed)
                .containsExactly(
                        "publishes and subscribes",
                        "shares the work of a queue group",
                        "carries headers",
                        "asks and answers",
                        "hears at once that nobody answers",
                        "unsubscribes after so many",
                        "carries the largest payload",
                        "hears none of its own without echo",
                        "works with a door that is verbose and pedantic",
                        "drains without losing what was published before",
                        "comes back after the door was closed");
    }

    /// The script says when.
    private void restartWhenAsked() {
        node.bus()
                .subscribe(
                        new TopicPattern("js.restart"),
                        _ -> node.restart(),
                        SubscribeOptions.defaults().withLane(Thread.ofVirtual()::start));
    }
}
