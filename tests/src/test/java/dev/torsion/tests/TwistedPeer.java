package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A program of `src/test/python` that uses the real Twisted. It prints what happens to it, a line
/// each, and ends when its input does.
///
/// It is a process of its own, forked from one that has loaded Twisted already, which takes longer
/// than most tests do.
final class TwistedPeer implements AutoCloseable {
    private static @Nullable UnixDomainSocketAddress host; // once it is started; ends with this JVM

    private final SocketChannel streams;
    private final BufferedReader output;
    private final ProcessHandle process;

    private TwistedPeer(SocketChannel streams) throws IOException {
        this.streams = streams;
        this.output =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(streams), UTF_8));
        this.process = ProcessHandle.of(Long.parseLong(line())).orElseThrow();
    }

    /// Skips the test, or fails it, where there is no Twisted.
    static TwistedPeer start(String script, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(script(script).toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        String line = String.join("\0", command);
        if (line.contains("\n")) {
            throw new IllegalArgumentException("an argument of more than a line: " + command);
        }
        SocketChannel streams = SocketChannel.open(StandardProtocolFamily.UNIX);
        streams.connect(host());
        ByteBuffer sent = UTF_8.encode(line + "\n");
        while (sent.hasRemaining()) {
            streams.write(sent);
        }
        return new TwistedPeer(streams);
    }

    private static synchronized UnixDomainSocketAddress host() throws IOException {
        UnixDomainSocketAddress running = host;
        if (running == null) {
            running = startHost();
            host = running;
        }
        return running;
    }

    private static UnixDomainSocketAddress startHost() throws IOException {
        Path python = Interop.pythonWith("twisted", "on Debian: apt-get install python3-twisted");
        ProcessBuilder builder =
                new ProcessBuilder(python.toString(), script("twisted_host.py").toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        String path = builder.start().inputReader(UTF_8).readLine();
        if (path == null) {
            throw new IOException("Twisted cannot be loaded");
        }
        return UnixDomainSocketAddress.of(path);
    }

    private static Path script(String name) {
        return Path.of(System.getProperty("basedir", "tests"), "src/test/python", name)
                .toAbsolutePath();
    }

    /// What it prints next; the test's own time limit ends a wait in vain.
    String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("Twisted has ended");
        }
        return line;
    }

    /// What it prints up to and with the first line that begins so.
    List<String> linesTo(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        do {
            lines.add(line());
        } while (!lines.getLast().startsWith(last));
        return lines;
    }

    /// The port of a server, which is the first thing it prints.
    int port() throws IOException {
        String line = line();
        if (!line.startsWith("port ")) {
            throw new IOException("expected a port, not: " + line);
        }
        return Integer.parseInt(line.substring("port ".length()));
    }

    /// Kills it, as an accident does; it is gone when this returns.
    void kill() throws IOException {
        process.destroyForcibly();
        if (streams.isOpen()) {
            output.transferTo(Writer.nullWriter()); // its streams stay open until it is gone
            streams.close();
        }
    }

    /// Stops it in its tracks: its connections stay open, and nobody answers on them.
    void freeze() {
        if (!Interop.succeeds("kill", "-STOP", String.valueOf(process.pid()))) {
            throw new IllegalStateException("cannot stop process " + process.pid());
        }
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
