package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import java.nio.file.Path;
import java.security.Security;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Streams that are longer than one key may encrypt, in a JVM of their own: how long that is is
/// read with the first TLS of a JVM, and is 128 GiB unless it is told otherwise.
final class KeyLimitTest {

    @Test
    void aStreamOutlastsItsKeys() throws Exception {
        Process streams =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dbasedir=" + System.getProperty("basedir", "protocols"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Streams.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        var _ =
                streams.onExit()
                        .orTimeout(120, SECONDS)
                        .whenComplete((_, late) -> streams.destroyForcibly());
        try {
            assertThat(streams.inputReader().lines())
                    .containsExactly(
                            "sent: 8388608 bytes as they were, closed cleanly, closed cleanly",
                            "echoed: 8388608 bytes as they were, closed cleanly, closed cleanly");
            assertThat(streams.onExit().orTimeout(60, SECONDS).join().exitValue()).isZero();
        } finally {
            streams.destroyForcibly();
        }
    }

    /// Enough for 128 keys in a row.
    static final class Streams {
        private static final int TURNS = 128;
        private static final int PER_TURN = 64 << 10;

        private Streams() {}

        public static void main(String[] arguments) {
            Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^16");
            tell("sent", false);
            tell("echoed", true);
        }

        private static void tell(String what, boolean echoing) {
            ManualReactor reactor = new ManualReactor();
            End from = new End(false);
            End to = new End(echoing);
            TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.SERVER));
            TlsClient client = new TlsClient(TlsClientOptions.trusting(Certificates.TRUST));
            reactor.wire(client.layer("server.example").under(from), server.layer().under(to));
            for (int turn = 0; turn < TURNS; turn++) {
                byte[] next = new byte[PER_TURN];
                for (int i = 0; i < PER_TURN; i++) {
                    next[i] = byteAt(turn * PER_TURN + i);
                }
                reactor.callFromThread(() -> from.transport().write(Bytes.wrap(next)));
                reactor.runUntilIdle();
            }
            reactor.callFromThread(() -> from.transport().loseConnection());
            reactor.runUntilIdle();
            System.out.println(
                    what + ": " + (echoing ? from : to) + ", " + from.lost + ", " + to.lost);
        }

        private static byte byteAt(int index) {
            return (byte) (index * 31 + index / 256);
        }

        private static final class End implements Protocol {
            private final boolean echoing;
            private @Nullable Transport transport;
            private @Nullable CloseReason lost;
            private int received;
            private boolean asSent = true;

            End(boolean echoing) {
                this.echoing = echoing;
            }

            Transport transport() {
                return requireNonNull(transport);
            }

            @Override
            public void connectionMade(Transport made) {
                transport = made;
            }

            @Override
            public void dataReceived(Bytes data) {
                for (int i = 0; i < data.size(); i++) {
                    asSent &= data.at(i) == byteAt(received++);
                }
                if (echoing) {
                    transport().write(data);
                }
            }

            @Override
            public void connectionLost(CloseReason reason) {
                lost = reason;
            }

            @Override
            public String toString() {
                return received + " bytes " + (asSent ? "as they were" : "changed");
            }
        }
    }
}
