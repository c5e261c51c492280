package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// What belongs to a loop, called by a thread that is no loop's.
public final class OffTheLoop {
    private OffTheLoop() {}

    /// It is refused, with what was called, where, and what to do instead.
    ///
    /// @param what is called: `Transport.write`
    public static void refused(String what, ThrowingCallable call) {
        CompletableFuture.runAsync(
                        () ->
                                assertThatThrownBy(call)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageMatching(
                                                Pattern.quote(what)
                                                        + " was called on the thread another, and"
                                                        + " belongs to the loop of .+; go through"
                                                        + " Reactor\\.callFromThread"),
                        action -> Thread.ofPlatform().name("another").start(action))
                .join();
    }

    /// All that a connection can do is.
    public static void refuses(Transport transport) {
        refused("Transport.write", () -> transport.write(Bytes.utf8("x")));
        refused("Transport.pendingBytes", transport::pendingBytes);
        refused("Transport.loseConnection", transport::loseConnection);
        refused("Transport.loseWriteConnection", transport::loseWriteConnection);
        refused("Transport.abortConnection", transport::abortConnection);
        refused(
                "Transport.failConnection",
                () -> transport.failConnection(new IOException("no loop's")));
        refused("Transport.pauseReading", transport::pauseReading);
        refused("Transport.resumeReading", transport::resumeReading);
        refused("Transport.socketOptions", transport::socketOptions);
        refused(
                "Transport.setSocketOptions",
                () -> transport.setSocketOptions(SocketOptions.DEFAULT));
        refused("Transport.peerCredentials", transport::peerCredentials);
    }
}
