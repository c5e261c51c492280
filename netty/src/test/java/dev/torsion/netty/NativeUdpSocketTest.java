package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NativeUdpSocketTest {

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void saysInACheckedExceptionWhatTheSystemRefuses(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        UdpSocket socket = SocketsChoice.of(io).sockets().udp(false);
        try {
            NetworkInterface loopback = NetworkInterface.getByIndex(1);
            InetAddress group = InetAddress.ofLiteral("239.255.77.4");
            assertThatThrownBy(() -> socket.leave(group, loopback, null))
                    .isInstanceOf(IOException.class); // it has not joined
        } finally {
            socket.channel().unsafe().closeForcibly();
        }
    }

    /// The numbers are those of `linux/in.h` and `linux/in6.h`.
    @ParameterizedTest
    @CsvSource({
        "EPOLL, false, 0, 33, 34",
        "EPOLL, true, 0, 33, 34",
        "EPOLL, true, 41, 18, 19",
        "IO_URING, false, 0, 33, 34",
        "IO_URING, true, 0, 33, 34",
        "IO_URING, true, 41, 18, 19"
    })
    void tellsTheKernelHowDatagramsToGroupsAreSent(
            ReactorOptions.Io io, boolean ipv6, int level, int timeToLive, int loopback)
            throws Exception {
        RealWorld.requireHere(io);
        UdpSocket socket = SocketsChoice.of(io).sockets().udp(ipv6);
        try {
            Socket kernels = (Socket) ((UnixChannel) socket.channel()).fd();
            socket.setMulticast(NetworkInterface.getByIndex(1), 7, false);
            assertThat(kernels.getIntOpt(level, timeToLive)).isEqualTo(7);
            assertThat(kernels.getIntOpt(level, loopback)).isZero();
        } finally {
            socket.channel().unsafe().closeForcibly();
        }
    }
}
