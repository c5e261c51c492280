package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessLife;
import dev.torsion.reactor.ProcessLife.Output;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Program.StandardError;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.RunningProgram;
import dev.torsion.reactor.Signal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.time.Duration;

/// This process's own standard input and output, seen as those of whoever is at their other ends:
/// what we read is its output, and it has exited when nothing can be written to it any more.
final class OwnStreams implements RunningProgram, Programs.Stoppable {
    private static final Program OTHER_END =
            Program.of("standard input and output").withStandardError(StandardError.DISCARDED);

    private final NettyReactor reactor;
    private final Programs programs;
    private final ProcessLife life;
    private final Threads threads;
    private final PipeReader reader;
    private final PipeWriter writer;

    OwnStreams(NettyReactor reactor, Programs programs, Protocol protocol, Threads threads) {
        this.reactor = reactor;
        this.programs = programs;
        this.threads = threads;
        life = programs.life(OTHER_END, ProcessProtocol.of(protocol), this);
        reader =
                new PipeReader(
                        reactor,
                        new FileInputStream(FileDescriptor.in),
                        data -> life.received(Output.OUT, data),
                        this::broken,
                        () -> life.outputEnded(Output.OUT));
        writer =
                new PipeWriter(
                        reactor,
                        new FileOutputStream(FileDescriptor.out),
                        threads,
                        threadName("out"),
                        life::sent,
                        this::broken,
                        this::written);
    }

    private String threadName(String stream) {
        return reactor.options().threadName() + "-standard-" + stream;
    }

    @Override
    public void start() {
        try {
            threads.start(threadName("in"), reader::run);
        } catch (OutOfMemoryError noThread) {
            life.notStarted(Programs.refused(OTHER_END, noThread));
            return;
        }
        life.started();
        if (reactor.stopping()) {
            stop();
        }
    }

    private void broken(Throwable why) {
        life.abort(new CloseReason.Failed(why));
    }

    private void written() {
        life.inputEnded();
        life.exited(new ProcessEnd.Exited(0));
    }

    @Override
    public void stop() {
        life.stop();
    }

    @Override
    public void abort(CloseReason why) {
        life.abort(why);
    }

    @Override
    public void ended(ProcessEnd end) {
        programs.ended(this);
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public void send(Bytes data) {
        writer.send(data);
    }

    @Override
    public void closeInput() {
        writer.close();
    }

    @Override
    public void dropInput() {
        writer.drop();
    }

    @Override
    public void pauseReading() {
        reader.pause();
    }

    @Override
    public void resumeReading() {
        reader.resume();
    }

    @Override
    public void closeOutput(Output output) {
        reader.close();
    }

    /// There is no program at the other end to be sent a signal. But a signal is for one that does
    /// not end by itself: this end then leaves it, as if it had been killed.
    @Override
    public void signal(Signal signal) {
        reactor.execute(() -> life.exited(new ProcessEnd.Killed(signal.number())));
    }

    @Override
    public void soon(Runnable action) {
        reactor.execute(action);
    }

    @Override
    public void later(Duration delay, Runnable action) {
        var _ = reactor.schedule(delay, action);
    }

    @Override
    public String toString() {
        return OTHER_END.toString();
    }
}
