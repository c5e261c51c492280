package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program's standard input and output as one connection of a stream protocol.
final class StreamOfProcess implements ProcessProtocol {
    private static final Logger log = LoggerFactory.getLogger(StreamOfProcess.class);

    private static final int MOST_LOGGED = 4096; // bytes of a piece

    private static final Address UNNAMED = Address.unix("");

    private final Protocol protocol;
    private @Nullable Stream stream;
    private boolean closing; // this side ended it: nothing more is delivered
    private @Nullable CloseReason broken; // by this side
    private boolean writingEnded; // by this side
    private boolean outputEnded;

    StreamOfProcess(Protocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public void connectionMade(ProcessTransport process) {
        Stream made = new Stream(process);
        stream = made;
        call(() -> protocol.connectionMade(made));
    }

    @Override
    public void outReceived(Bytes data) {
        call(() -> protocol.dataReceived(data));
    }

    @Override
    public void errReceived(Bytes data) {
        int size = data.size();
        String begins = data.slice(0, Math.min(size, MOST_LOGGED)).utf8().strip();
        String more = size > MOST_LOGGED ? "… (" + size + " bytes)" : "";
        String shown = PeerText.shown(begins, MOST_LOGGED);
        log.warn("{} says on its standard error: {}{}", stream, shown, more);
    }

    @Override
    public void writableAgain() {
        call(protocol::writableAgain);
    }

    @Override
    public void closeAsked(ProcessTransport process) {
        if (stream != null) {
            Stream asked = stream;
            call(() -> protocol.closeAsked(asked));
        }
    }

    @Override
    public void outConnectionLost() {
        outputEnded = true;
        boolean over = true;
        if (protocol instanceof HalfCloseable half) {
            call(half::readConnectionLost);
            over = writingEnded;
        }
        if (over && stream != null) {
            stream.process.loseConnection();
        }
    }

    @Override
    public void processEnded(ProcessEnd end) {
        protocol.connectionLost(reason(end));
    }

    private CloseReason reason(ProcessEnd end) {
        CloseReason aborted = broken == null ? aborted() : broken;
        if (aborted != null) {
            return aborted;
        }
        return closing || end.equals(new ProcessEnd.Exited(0))
                ? new CloseReason.Done()
                : new CloseReason.Lost(new IOException(end.toString()));
    }

    /// Why the program was aborted; null if it was not, or nobody knows.
    private @Nullable CloseReason aborted() {
        return stream != null && stream.process instanceof ProcessLife life ? life.aborted() : null;
    }

    /// Calls the protocol, unless this side has ended the connection; an exception does.
    private void call(Runnable method) {
        if (closing || aborted() != null) {
            return;
        }
        try {
            method.run();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void fail(Throwable thrown) {
        Thrown.log(log, "the protocol of " + stream + " threw; its program is aborted", thrown);
        abort(new CloseReason.Failed(thrown));
    }

    private void abort(CloseReason why) {
        if (broken == null) {
            CloseReason before = aborted();
            broken = before == null ? why : before;
        }
        closing = true;
        if (stream != null) {
            stream.process.abortConnection();
        }
    }

    private final class Stream implements Transport {
        private final ProcessTransport process;

        private Stream(ProcessTransport process) {
            this.process = process;
        }

        @Override
        public Reactor reactor() {
            return process.reactor();
        }

        @Override
        public Address peer() {
            return UNNAMED;
        }

        @Override
        public Address host() {
            return UNNAMED;
        }

        @Override
        public boolean write(Bytes data) {
            reactor().requireLoop("Transport.write");
            return process.write(data);
        }

        @Override
        public long pendingBytes() {
            reactor().requireLoop("Transport.pendingBytes");
            return process.pendingBytes();
        }

        @Override
        public void loseConnection() {
            reactor().requireLoop("Transport.loseConnection");
            process.loseConnection();
            closing = true;
        }

        @Override
        public void loseWriteConnection() {
            reactor().requireLoop("Transport.loseWriteConnection");
            process.closeStdin();
            writingEnded = true;
            if (outputEnded) {
                loseConnection();
            }
        }

        @Override
        public void abortConnection() {
            reactor().requireLoop("Transport.abortConnection");
            abort(new CloseReason.Aborted(null));
        }

        @Override
        public void failConnection(Throwable cause) {
            reactor().requireLoop("Transport.failConnection");
            requireNonNull(cause, "cause");
            fail(cause);
        }

        @Override
        public void pauseReading() {
            reactor().requireLoop("Transport.pauseReading");
            process.pauseReading();
        }

        @Override
        public void resumeReading() {
            reactor().requireLoop("Transport.resumeReading");
            process.resumeReading();
        }

        @Override
        public String toString() {
            return process.toString();
        }
    }
}
