package dev.torsion.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// The demo's ports, all on loopback.
///
/// @param sensors where `edge` takes readings
/// @param nats the NATS door of each node
/// @param links where each node is linked to
record DemoPorts(int sensors, List<Integer> nats, List<Integer> links) {
    /// As the files in `examples/demo` have them.
    static final DemoPorts USUAL =
            new DemoPorts(8888, List.of(4222, 4223, 4224), List.of(7400, 7401, 7402));

    /// Ports that nobody uses now.
    static DemoPorts free() {
        List<ServerSocket> taken = new ArrayList<>();
        try {
            for (int i = 0; i < 7; i++) {
                taken.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports = taken.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : taken) {
                socket.close();
            }
            return new DemoPorts(ports.get(0), ports.subList(1, 4), ports.subList(4, 7));
        } catch (IOException e) {
            throw new CommandFailedException("no free ports: " + e.getMessage(), e);
        }
    }

    /// What tells node `index`, the first being `edge`, to use these and not those in its file.
    List<String> flags(int index) {
        List<String> flags = new ArrayList<>();
        flags.addAll(List.of("--nats", "tcp:" + nats.get(index)));
        flags.addAll(List.of("--link", "tcp:" + links.get(index)));
        for (int other = 0; other < links.size(); other++) {
            if (other != index) {
                flags.addAll(List.of("--seed", "127.0.0.1:" + links.get(other)));
            }
        }
        if (index == 0) {
            flags.addAll(List.of("--port", "sensors=" + sensors));
        }
        return flags;
    }
}
