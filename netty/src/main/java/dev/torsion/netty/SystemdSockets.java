package dev.torsion.netty;

import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The sockets that were open when this process began, as `sd_listen_fds` finds them: from file
/// descriptor 3 on, `LISTEN_FDS` of them, for the process `LISTEN_PID`, called `LISTEN_FDNAMES`.
final class SystemdSockets {
    private static final int FIRST = 3;

    private SystemdSockets() {}

    /// Whether any were passed to this process.
    static boolean wereGiven() {
        return Long.toString(ProcessHandle.current().pid()).equals(System.getenv("LISTEN_PID"));
    }

    /// The file descriptor of the socket that `wanted` means.
    ///
    /// @throws IOException saying why there is none
    static int find(Endpoint.Systemd wanted) throws IOException {
        return find(wanted, System.getenv(), ProcessHandle.current().pid());
    }

    /// @param environment of the process
    /// @param pid the process's own
    static int find(Endpoint.Systemd wanted, Map<String, String> environment, long pid)
            throws IOException {
        String count = environment.get("LISTEN_FDS");
        String addressee = environment.get("LISTEN_PID");
        if (count == null || addressee == null) {
            throw new IOException(
                    "no sockets were passed to this process: LISTEN_FDS and LISTEN_PID are not"
                            + " set, as systemd sets them for the service of a socket unit");
        }
        if (!addressee.equals(Long.toString(pid))) {
            throw new IOException(
                    "the sockets were passed to process "
                            + addressee
                            + " (LISTEN_PID), and this is "
                            + pid
                            + ": start the JVM itself, or let the script exec it");
        }
        if (!count.matches("[0-9]{1,4}")) {
            throw new IOException(
                    "expected a number from 0 to 9999 in LISTEN_FDS, not \"" + count + "\"");
        }
        List<Integer> found = new ArrayList<>();
        List<String> names = names(environment.get("LISTEN_FDNAMES"), Integer.parseInt(count));
        for (int i = 0; i < names.size(); i++) {
            if (wanted.name() == null || wanted.name().equals(names.get(i))) {
                found.add(FIRST + i);
            }
        }
        if (wanted.index() >= found.size()) {
            throw new IOException("no such socket was passed; there are " + names);
        }
        return found.get(wanted.index());
    }

    private static List<String> names(@Nullable String list, int count) {
        String[] given = list == null ? new String[0] : list.split(":", -1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(
                    i < given.length ? given[i] : "unknown"); // as sd_listen_fds_with_names has it
        }
        return names;
    }
}
