package dev.torsion.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.node.Configuration.Flags;
import dev.torsion.reactor.Endpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the flags change in a configuration that has been read.
final class NodeFlagsTest {
    private final Configuration edge =
            ConfigurationReader.read(Path.of("../examples/demo/edge.yaml"), Flags.NONE);

    @Test
    void givesAGatewayAnotherPortAtTheSameAddress() {
        Configuration moved = edge.withPorts(Map.of("sensors", 0));

        assertThat(moved.gateways().getFirst().listen()).isEqualTo(Endpoint.tcp(0));
        assertThat(moved.components()).isEqualTo(edge.components());
    }

    @Test
    void leavesPartsOut() {
        assertThat(edge.without(List.of("feed")).components()).isEmpty();
        assertThat(edge.without(List.of("feed")).gateways()).hasSize(1);
        assertThat(edge.without(List.of("sensors")).gateways()).isEmpty();
    }

    @Test
    void refusesPartsThatAreNotThereAndPortsThatAreNone() {
        assertThatThrownBy(() -> edge.withPorts(Map.of("doors", 1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("--port: the configuration has no \"doors\"");
        assertThatThrownBy(() -> edge.withPorts(Map.of("sensors", 65_536)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("--port: sensors: expected 0 to 65535, not 65536");
        assertThatThrownBy(() -> edge.without(List.of("fed")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("--without: the configuration has no \"fed\"");
    }
}
