package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A console that a test reads line by line.
final class TestConsole {
    private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> err = new LinkedBlockingQueue<>();
    private byte[] in = {};

    TestConsole withInput(byte[] bytes) {
        in = bytes.clone();
        return this;
    }

    int run(String... arguments) {
        Console console =
                new Console(new ByteArrayInputStream(in), printer(out), printer(err), false);
        return Main.run(console, arguments);
    }

    String nextOut() throws InterruptedException {
        return next(out);
    }

    String nextErr() throws InterruptedException {
        return next(err);
    }

    private static String next(BlockingQueue<String> lines) throws InterruptedException {
        String line = lines.poll(30, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no line within 30 s");
        }
        return line;
    }

    List<String> out() {
        return List.copyOf(out);
    }

    List<String> err() {
        return List.copyOf(err);
    }

    private static PrintStream printer(BlockingQueue<String> lines) {
        return new PrintStream(new Lines(lines), true, UTF_8);
    }

    private static final class Lines extends OutputStream {
        private final BlockingQueue<String> lines;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(BlockingQueue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void write(int b) {
            if (b == '\n') {
                lines.add(line.toString(UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
        }
    }
}
