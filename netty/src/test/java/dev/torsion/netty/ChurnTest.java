package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Connections come and go, ended in every way there is; what they leave behind is nothing.
///
/// A process of its own, because it counts the heap, the buffers and the file descriptors of all of
/// it. As many connections as wanted: `-Dchurn.connections=1000000`.
@Timeout(value = 24, unit = TimeUnit.HOURS)
final class ChurnTest {
    private static final int ROUNDS = 5;
    static final int CONNECTIONS = Integer.getInteger("churn.connections", 10_000);

    /// What may differ between two looks at a heap that has grown by nothing: less than two bytes
    /// for each connection in the short run, and the less the longer it is.
    private static final long SLACK = 256 * 1024;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"NIO", "EPOLL", "IO_URING"})
    void leavesNothingBehind(ReactorOptions.Io io) throws IOException {
        RealWorld.requireHere(io);
        leavesNothingBehind(Churn.class, io, CONNECTIONS);
    }

    /// @param churn a program that calls [Churn#run]
    /// @param more arguments of it, behind those of that
    static void leavesNothingBehind(
            Class<?> churn, ReactorOptions.Io io, int connections, String... more)
            throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.add(io.name());
        arguments.add(Integer.toString(ROUNDS));
        arguments.add(Integer.toString(Math.ceilDiv(connections, ROUNDS)));
        arguments.addAll(List.of(more));
        ProcessBuilder process =
                ChildJvm.of(
                        List.of(
                                "-Xmx128m",
                                "-XX:SoftRefLRUPolicyMSPerMB=0", // the JDK's TLS sessions
                                "-Dio.netty.leakDetection.level=disabled",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"),
                        churn,
                        arguments.toArray(String[]::new));
        try (ChildJvm program =
                ChildJvm.start(process.redirectError(ProcessBuilder.Redirect.INHERIT))) {
            List<Churn.Look> looks = program.output().lines().map(Churn.Look::parse).toList();
            assertThat(looks).hasSize(ROUNDS + 1);
            Churn.Look first = looks.getFirst();
            Churn.Look last = looks.getLast();
            assertThat(last.heap() - first.heap()).as("heap: %s", looks).isLessThan(SLACK);
            assertThat(last.buffers() - first.buffers()).as("buffers: %s", looks).isLessThan(SLACK);
            assertThat(last.files()).as("file descriptors: %s", looks).isEqualTo(first.files());
        }
    }
}
