package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Protocols that were to speak with a program which could not be started: they hear of the end of
/// a connection that they never had.
final class NoProgramTest {
    private static final Address NOBODY = Address.unix("");

    private final List<CloseReason> told = new ArrayList<>();

    private final class Lines extends LineProtocol {
        @Override
        protected void connected() {
            throw new AssertionError("there is no connection");
        }

        @Override
        protected void lineReceived(Bytes line) {}

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(reason);
        }
    }

    private static void spawn(ProtocolFactory factory) {
        Protocol protocol = requireNonNull(factory.buildProtocol(NOBODY));
        var reactor = new ManualReactor();
        reactor.programs(_ -> null);
        var end = reactor.spawn(Program.of("nosuch"), ProcessProtocol.of(protocol));
        reactor.runUntilIdle();
        assertThat(end.toCompletableFuture())
                .isCompletedWithValueMatching(it -> it instanceof ProcessEnd.NotStarted);
        assertThat(reactor.failures()).isEmpty();
    }

    private void assertToldOnce() {
        assertThat(told)
                .singleElement()
                .isInstanceOfSatisfying(
                        CloseReason.Lost.class,
                        lost -> assertThat(lost.toString()).contains("nosuch"));
    }

    @Test
    void isTheEndForAFraming() {
        spawn(_ -> new Lines());
        assertToldOnce();
    }

    @Test
    void isTheEndForOneBehindAPolicy() {
        spawn(new IdleTimeout(_ -> new Lines(), Duration.ofSeconds(1)));
        assertToldOnce();
    }

    @Test
    void isTheEndForAmp() {
        spawn(_ ->
                new AmpProtocol(Answers.none(), AmpOptions.DEFAULT) {
                    @Override
                    protected void closed(CloseReason reason) {
                        told.add(reason);
                    }
                });
        assertToldOnce();
    }

    @Test
    void beginsNoConversation() {
        spawn(
                Conversation.over(
                        Framing.lines(), _ -> told.add(new CloseReason.Aborted("it has begun"))));
        assertThat(told).isEmpty();
    }
}
