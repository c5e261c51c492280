package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.fuzz.Decoder;
import dev.torsion.fuzz.Decoders;
import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The environment that says which sockets were passed to this process, as whoever started it may
/// have written it: a file descriptor of those, or an [IOException] that says what is wrong.
public final class SystemdNames implements Decoder {
    private static final long OWN = 4711;
    private static final List<String> VARIABLES =
            List.of("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES");

    @Override
    public void feed(byte[] input) {
        String[] lines = new String(input, ISO_8859_1).split("\n", -1);
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < VARIABLES.size() && i < lines.length; i++) {
            environment.put(VARIABLES.get(i), lines[i]);
        }
        for (@Nullable String name : new @Nullable String[] {null, "web"}) {
            try {
                int found =
                        SystemdSockets.find(
                                new Endpoint.Systemd(name, 1, Endpoint.Systemd.Domain.INET),
                                environment,
                                OWN);
                int passed = Integer.parseInt(lines[0]);
                if (found <= 3 || found >= 3 + passed) { // the second, at the earliest
                    throw new AssertionError("found " + found + " of " + passed);
                }
            } catch (IOException said) {
                if (said.getMessage() == null || said.getMessage().isBlank()) {
                    throw new AssertionError("an error that says nothing", said);
                }
            }
        }
    }

    @Override
    public List<byte[]> seeds() {
        return Decoders.texts(
                "2\n4711\nweb:web", "3\n4711", "1\n4712\n", "9999\n4711\n:::", "-1\n4711\na");
    }
}
