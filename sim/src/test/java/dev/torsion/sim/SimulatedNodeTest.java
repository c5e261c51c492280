package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.testing.ScriptedProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What else a node does in its simulated world.
final class SimulatedNodeTest {

    /// Says one word and ends.
    private static final class Hello extends ScriptedProgram {
        @Override
        protected void started() {
            writeOut(Bytes.utf8("hello"));
            exit(0);
        }
    }

    private static final class Words implements ProcessProtocol {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void outReceived(Bytes data) {
            heard.add(data.utf8());
        }

        @Override
        public void processEnded(ProcessEnd end) {
            heard.add(end.toString());
        }
    }

    @Test
    void startsTheProgramsThatItIsToldOfAndSaysThatThereAreNoOthers() {
        Words words = new Words();
        pass(sim -> {
            SimulatedNode node =
                    sim.node(
                            "n1",
                            it ->
                                    it.programs(program ->
                                            program.command().getFirst().equals("hello")
                                                    ? new Hello()
                                                    : null));
            sim.at(seconds(1), () -> node.reactor().spawn(Program.of("hello"), words));
            sim.at(seconds(2), () -> node.reactor().spawn(Program.of("rm"), words));
            sim.runFor(seconds(3));
        });

        assertThat(words.heard).hasSize(3);
        assertThat(words.heard.getFirst()).isEqualTo("hello");
        assertThat(words.heard.getLast())
                .contains("not started", "SimulatedNode.programs", "\"rm\"");
    }

    @Test
    void losesDatagramsOnAWayThatIsCut() {
        List<String> heard = new ArrayList<>();
        pass(sim -> {
            List<SimulatedNode> nodes = sim.nodes(2, _ -> {});
            Address.Inet there = Address.of("n2", 9000);
            nodes.get(1)
                    .reactor()
                    .listenUdp(
                            there,
                            new DatagramProtocol() {
                                @Override
                                public void datagramReceived(Bytes data, Address.Inet from) {
                                    heard.add(data.utf8());
                                }
                            },
                            DatagramOptions.DEFAULT);
            DatagramTransport port =
                    nodes.get(0)
                            .reactor()
                            .listenUdp(
                                    Address.of("n1", 9000),
                                    new DatagramProtocol() {},
                                    DatagramOptions.DEFAULT);
            sim.at(seconds(1), () -> port.send(Bytes.utf8("one"), there));
            sim.at(seconds(2), () -> sim.network().cutOneWay(nodes.get(0), nodes.get(1)));
            sim.at(seconds(3), () -> port.send(Bytes.utf8("two"), there));
            sim.at(seconds(4), () -> sim.network().heal(nodes.get(0), nodes.get(1)));
            sim.at(seconds(5), () -> port.send(Bytes.utf8("three"), there));
            sim.runFor(seconds(6));
        });

        assertThat(heard).containsExactly("one", "three");
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static void pass(Scenario scenario) {
        assertThat(Run.of(scenario, 1, FaultSelection.all()).failure()).isNull();
    }
}
