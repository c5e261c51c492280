package dev.torsion.netty;

import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.reactor.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Which way to watch sockets was taken.
///
/// @param sockets those of that way
/// @param passedOver why each of the better ways was not taken
record SocketsChoice(Sockets sockets, List<String> passedOver) {

    /// What Netty calls the machines that it has native libraries for.
    private static final Map<String, String> MACHINES =
            Map.of("amd64", "x86_64", "aarch64", "aarch_64");

    SocketsChoice {
        passedOver = List.copyOf(passedOver);
    }

    /// @throws IllegalStateException if what was asked for cannot be had here, saying why
    static SocketsChoice of(Io io) {
        try {
            return switch (io) {
                case AUTO -> best();
                case NIO -> only(new NioSockets());
                case EPOLL -> only(EpollSockets.load());
                case IO_URING -> only(IoUringSockets.load());
            };
        } catch (LinkageError absent) {
            throw absent(io, absent);
        }
    }

    private static SocketsChoice only(Sockets sockets) {
        return new SocketsChoice(sockets, List.of());
    }

    /// Sockets that were passed to this process are epoll's alone to take over.
    private static SocketsChoice best() {
        List<String> passedOver = new ArrayList<>();
        List<Io> candidates = new ArrayList<>(List.of(Io.IO_URING, Io.EPOLL));
        if (SystemdSockets.wereGiven()) {
            candidates = List.of(Io.EPOLL, Io.IO_URING);
            passedOver.add("io_uring cannot take over the sockets that this process was passed");
        }
        for (Io candidate : candidates) {
            try {
                return new SocketsChoice(of(candidate).sockets, passedOver);
            } catch (IllegalStateException absent) {
                passedOver.add(String.valueOf(absent.getMessage()));
            }
        }
        return new SocketsChoice(new NioSockets(), passedOver);
    }

    /// The error that says what keeps a native way from being had.
    static IllegalStateException absent(Io io, Throwable cause) {
        String system = System.getProperty("os.name", "");
        String machine = System.getProperty("os.arch", "");
        return new IllegalStateException(why(io, system, machine, cause), cause);
    }

    static String why(Io io, String system, String machine, Throwable cause) {
        if (!system.equals("Linux")) {
            return io.text() + " is of Linux, and this is " + system;
        }
        String library = MACHINES.getOrDefault(machine, machine);
        if (!isOnClassPath(io, library)) {
            return "%1$s needs io.netty:netty-transport-native-%1$s (classifier linux-%2$s) on the class path"
                    .formatted(io.text(), library);
        }
        Throwable root = Thrown.causes(cause).getLast();
        return io.text() + " cannot be used here: " + root.getMessage();
    }

    private static boolean isOnClassPath(Io io, String library) {
        String name = io == Io.IO_URING ? "io_uring42" : io.text();
        ClassLoader loader = SocketsChoice.class.getClassLoader();
        return loader != null
                && loader.getResource(
                                "META-INF/native/libnetty_transport_native_%s_%s.so"
                                        .formatted(name, library))
                        != null;
    }

    @Override
    public String toString() {
        String way = sockets.io().text();
        return passedOver.isEmpty() ? way : way + "; " + String.join("; ", passedOver);
    }
}
