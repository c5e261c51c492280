package dev.torsion.netty;

import dev.torsion.netty.ReactorOptions.Io;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Connections over TLS come and go, as those of [ChurnTest] do. A fiftieth of them: a handshake is
/// far more work than a connect, and what one leaves behind far more than its trace.
@Timeout(value = 24, unit = TimeUnit.HOURS)
final class TlsChurnTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "tests"))
                    .toAbsolutePath()
                    .resolveSibling("protocols/src/test/pem");

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void leavesNothingBehind() throws IOException {
        int connections = Math.ceilDiv(ChurnTest.CONNECTIONS, 50);
        ChurnTest.leavesNothingBehind(TlsChurn.class, Io.NIO, connections, PEM.toString());
    }
}
