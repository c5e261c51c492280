package dev.torsion.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServerOptions;

/// The echo of Vert.x, as its documentation has it: a pipe from the socket to itself.
public final class VertxEcho {
    private static final int BACKLOG = 4096;

    private VertxEcho() {}

    /// Listens until it is ended.
    ///
    /// @param arguments port, host, way to watch sockets, number of loops
    public static void main(String[] arguments) {
        VertxOptions options =
                new VertxOptions()
                        .setPreferNativeTransport(!arguments[2].equals("nio"))
                        .setEventLoopPoolSize(Integer.parseInt(arguments[3]));
        Vertx vertx = Vertx.vertx(options);
        vertx.createNetServer(new NetServerOptions().setAcceptBacklog(BACKLOG).setTcpNoDelay(true))
                .connectHandler(socket -> socket.pipeTo(socket))
                .listen(Integer.parseInt(arguments[0]), arguments[1])
                .onComplete(
                        server -> System.out.println("listening on port " + server.actualPort()),
                        failure -> {
                            System.err.println(failure);
                            System.exit(1);
                        });
    }
}
