package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.testing.Logged;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// [PipeReader] and [PipeWriter], whose threads may be short of memory.
final class PipesTest {
    private final NettyReactor reactor =
            NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void tellThatTheRestCannotBeReadForWantOfMemoryBeforeTheEnd() {
        InputStream stream =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new OutOfMemoryError("by the test");
                    }

                    @Override
                    public int read(byte[] bytes, int from, int count) {
                        return read();
                    }

                    @Override
                    public void close() {
                        closed.set(true);
                    }
                };
        PipeReader reader =
                new PipeReader(
                        reactor, stream, _ -> {}, broken::complete, () -> ended.complete(null));
        List<String> logged = Logged.during(reader::run);

        assertThat(ended).succeedsWithin(60, TimeUnit.SECONDS);
        assertThat(broken.join()).hasMessage("by the test");
        assertThat(closed).isTrue();
        assertThat(logged).anyMatch(line -> line.contains("is not read"));
    }

    @Test
    void keepOpenWhatCannotBeWrittenForWantOfMemoryUntilItIsDropped() {
        OutputStream stream =
                new OutputStream() {
                    @Override
                    public void write(int one) {
                        throw new OutOfMemoryError("by the test");
                    }

                    @Override
                    public void close() {
                        closed.set(true);
                    }
                };
        PipeWriter writer =
                new PipeWriter(
                        reactor,
                        stream,
                        Threads.SYSTEM,
                        "writer",
                        _ -> {},
                        broken::complete,
                        () -> ended.complete(null));
        CompletableFuture.runAsync(() -> writer.send(Bytes.utf8("x")), reactor.loop()).join();

        assertThat(broken).succeedsWithin(60, TimeUnit.SECONDS);
        assertThat(closed).isFalse();
        writer.drop();
        assertThat(ended).succeedsWithin(60, TimeUnit.SECONDS);
        assertThat(closed).isTrue();
    }
}
