package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.SocketOptions.KeepAlive;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "tcp:4222, 127.0.0.1, 4222, 1024",
        "tcp:0, 127.0.0.1, 0, 1024",
        "tcp:4222:interface=0.0.0.0, 0.0.0.0, 4222, 1024",
        "tcp:4222:backlog=50, 127.0.0.1, 4222, 50",
        "tcp:4222:backlog=1:interface=a, a, 4222, 1",
        "'tcp:4222:interface=\\:\\:1', ::1, 4222, 1024",
        "'tcp:4222:interface=a\\\\b\\=c', 'a\\b=c', 4222, 1024",
    })
    void readsWhereToListen(String text, String host, int port, int backlog) {
        assertThat(Endpoint.parse(text))
                .isEqualTo(Endpoint.at(Address.of(host, port)).withBacklog(backlog));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'expected an endpoint such as tcp:4222, unix:/run/app.sock or systemd:name=web, not nothing (column 1'",
        "4222, 'not \"4222\" (column 1'",
        "udp:4222, 'not \"udp\" (column 1'",
        "TCP:4222, 'not \"TCP\" (column 1'",
        "tcp, 'expected a port from 0 to 65535, not the end (column 4'",
        "tcp:, 'expected a port from 0 to 65535, not nothing (column 5'",
        "tcp:65536, 'expected a port from 0 to 65535, not \"65536\" (column 5'",
        "tcp:+1, 'expected a port from 0 to 65535, not \"+1\" (column 5'",
        "tcp:4222:, 'expected nothing more but backlog=, dscp=, interface=, keep-alive=, keep-alive-count=, keep-alive-idle=, keep-alive-interval=, no-delay=, receive-buffer=, reuse-address=, send-buffer=, user-timeout=, not nothing (column 10'",
        "tcp:4222:interface=, 'expected a value after interface=, with \"\\:\" for a colon in it, not nothing (column 10'",
        "tcp:4222:interface=::1, 'expected a value after interface='",
        "tcp:4222:backlog=many, 'expected backlog= with a number from 1 to 999999, not \"many\" (column 10'",
        "tcp:4222:backlog=-5, 'expected backlog= with a number from 1 to 999999'",
        "tcp:4222:backlog=0, 'expected backlog= with a number from 1 to 999999'",
        "tcp:4222:backlog=1:backlog=2, 'expected backlog= once, not a second one (column 20'",
        "tcp:4222:port=1, 'not \"port=1\" (column 10'",
        "tcp:4222:5, 'not \"5\" (column 10'",
        "tcp:4222:no-delay=yes, 'expected no-delay= with true or false, not \"yes\" (column 10'",
        "tcp:4222\\, 'expected a \":\", \"=\" or \"\\\" after the backslash, not the end (column 9'",
        "unix, 'expected the path of a socket, not the end (column 5'",
        "unix:, 'expected the path of a socket, not nothing (column 6'",
        "unix:/a:mode=888, 'expected mode= with permissions such as 660, not \"888\" (column 9'",
        "unix:/a:mode=1000, 'expected mode= with permissions such as 660'",
        "unix:/a:interface=b, 'expected nothing more but backlog=, mode=, not \"interface=b\" (column 9'",
        "systemd:domain=ipx, 'expected domain= with inet or unix, not \"ipx\"'",
        "tcp:4222:interface=*, 'expected an address, not \"*\": write interface=0.0.0.0 (column 10'",
        "'tcp:4222:interface=[\\:\\:1]:backlog=1', 'not \"[::1]\": write interface=\\:\\:1 (column 10'",
        "tcp:4222:interfaces=0.0.0.0, 'expected interface=, not \"interfaces=0.0.0.0\" (column 10'",
        "tcp:4222:bakclog=5, 'expected backlog=, not \"bakclog=5\" (column 10'",
        "unix:/a:perm=600, 'expected nothing more but backlog=, mode=, not \"perm=600\" (column 9'",
        "systemd:0, 'expected nothing more but domain=, index=, name=, not \"0\" (column 9'",
        "descriptor, 'expected a file descriptor from 0 to 999999999, not the end (column 11'",
        "descriptor:-1, 'expected a file descriptor from 0 to 999999999, not \"-1\" (column 12'",
        "descriptor:3:domain=unix, 'expected the end, not \"domain=unix\" (column 14'",
    })
    void saysWhatIsWrong(String text, String expected) {
        Misread.says(Endpoint::parse, text, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp:0.0.0.0:7900, 'expected a port from 0 to 65535, not \"0.0.0.0:7900\" (column 5', tcp:7900:interface=0.0.0.0",
        "tcp:[::1]:7900:backlog=5, 'not \"[::1]:7900\" (column 5', 'tcp:7900:interface=\\:\\:1:backlog=5'",
        "tcp:[\\:\\:1]:7900, 'not \"[\\:\\:1]:7900\" (column 5', 'tcp:7900:interface=\\:\\:1'",
        "tcp:::1:7900, 'not \"::1:7900\" (column 5', 'tcp:7900:interface=\\:\\:1'",
        "tcp:backlog=5:2001:db8::7:80, 'not \"2001:db8::7:80\" (column 15', 'tcp:backlog=5:80:interface=2001\\:db8\\:\\:7'",
        "tcp://a.example:80/, 'not \"//a.example:80/\" (column 5', tcp:80:interface=a.example",
        "tcp:host=a:port=80, 'expected a port from 0 to 65535, not \"host=a:port=80\" (column 5', tcp:80:interface=a",
        "tcp:port=80:host=a\\:b=c, 'not \"port=80\" (column 5', tcp:80:interface=a\\:b\\=c",
        "tcp:port=80:host=a:backlog=5, 'not \"port=80:host=a\" (column 5', tcp:80:interface=a:backlog=5",
        "localhost:80, 'or systemd:name=web, not \"localhost\" (column 1', tcp:80:interface=localhost",
        "[::1]:80:backlog=5, 'not \"[\" (column 1', 'tcp:80:interface=\\:\\:1:backlog=5'",
        "*:80, 'not \"*\" (column 1', tcp:80:interface=0.0.0.0",
        "tcp:*:80:backlog=5, 'not \"*:80\" (column 5', tcp:80:interface=0.0.0.0:backlog=5",
    })
    void saysHowAHostAndAPortAreWritten(String text, String expected, String instead) {
        Misread.cures(Endpoint::parse, text, expected, "write " + instead);
        assertThat(((Endpoint.Tcp) Endpoint.parse(instead)).address().host())
                .doesNotContain("[")
                .isNotEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "80, 'or systemd:name=web, not \"80\" (column 1', tcp:80",
        ":80, 'or systemd:name=web, not \":80\" (column 1', tcp:80",
        "port=80, 'or systemd:name=web, not \"port=80\" (column 1', tcp:80",
        "80:backlog=5, 'not \"80\" (column 1', tcp:80:backlog=5",
        "tcp:port=80, 'expected a port from 0 to 65535, not \"port=80\" (column 5', tcp:80",
        "tcp:interface=a:port=80, 'not \"port=80\" (column 17', tcp:interface=a:80",
        "http:80, 'or systemd:name=web, not \"http\" (column 1', tcp:80",
    })
    void saysHowAPortAloneIsWritten(String text, String expected, String instead) {
        Misread.cures(Endpoint::parse, text, expected, "write " + instead);
        assertThat(((Endpoint.Tcp) Endpoint.parse(instead)).address().port()).isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({
        "ssl:80, 'write tls:80; tls: and haproxy: are layers: read them with Endpoints.standard() of torsion-protocols'",
        "https:a:443, 'write tls:443:interface=a; tls: and haproxy: are layers: read them with Endpoints.standard() of torsion-protocols'",
        "http:, http: is tcp: here",
        "tls:443:certificate=a, 'tls: and haproxy: are layers: read them with Endpoints.standard() of torsion-protocols'",
        "haproxy:tcp:80, 'tls: and haproxy: are layers: read them with Endpoints.standard() of torsion-protocols'",
        "udp:53, UDP is opened by Reactor.listenUdp and Reactor.connectUdp",
        "tpc:80, is tcp: meant?",
        "TCP:80, is tcp: meant?",
        "sysetmd:name=web, is systemd: meant?",
    })
    void saysWhereAnotherKindIsFound(String text, String cure) {
        Misread.cures(Endpoint::parse, text, "expected an endpoint such as tcp:4222, unix:", cure);
    }

    @Test
    void holdsNothingThatEndsAMessageOrAPath() {
        assertThatThrownBy(() -> Endpoint.parse("unix:/run/a\0b"))
                .hasMessage(
                        "expected no NUL character, not one (column 12 of \"unix:/run/a\\u0000b\")");
        assertThatThrownBy(() -> Endpoint.parse("tcp:80\n:x=1"))
                .hasMessage(
                        "expected a port from 0 to 65535, not \"80\\u000a\""
                                + " (column 5 of \"tcp:80\\u000a:x=1\")");
        assertThatThrownBy(() -> Endpoint.parse("tcp:80:x\ny=1:x\ny=2"))
                .hasMessage(
                        "expected x\\u000ay= once, not a second one"
                                + " (column 14 of \"tcp:80:x\\u000ay=1:x\\u000ay=2\")");
    }

    @Test
    void saysWhereAnAddressIsThatCannotBe() {
        assertThatThrownBy(() -> Endpoint.parse("tcp:80:interface=a b"))
                .hasMessage(
                        "a host has no white space or control characters, \"a b\" has one at"
                                + " character 2 (column 8 of \"tcp:80:interface=a b\")");
        assertThatThrownBy(() -> Endpoint.parse("unix:@"))
                .hasMessage("an abstract name is not empty: write @NAME (column 6 of \"unix:@\")");
    }

    @Test
    void hasRoomForOneWaitingConnection() {
        assertThatThrownBy(() -> Endpoint.tcp(1).withBacklog(0))
                .hasMessageContaining("at least 1, not 0");
    }

    @Test
    void isNoLongerThanAPersonWrites() {
        assertThatThrownBy(() -> Endpoint.parse("tcp:1:interface=" + "a".repeat(5000)))
                .hasMessageContaining("at most 4096 characters");
    }

    @Test
    void readsAUnixSocket() {
        assertThat(Endpoint.parse("unix:/run/a\\:b.sock:mode=660:backlog=5"))
                .isEqualTo(Endpoint.unix("/run/a:b.sock").withMode(0660).withBacklog(5));
        assertThat(Endpoint.parse("unix:a")).isEqualTo(Endpoint.unix("a").withMode(0600));
    }

    @ParameterizedTest
    @CsvSource({
        "unix:path=/a, 'expected the path of a socket, not \"path=/a\" (column 6', unix:/a",
        "unix:mode=660:path=/a\\:b:backlog=5, 'not \"path=/a:b\" (column 15', unix:mode=660:/a\\:b:backlog=5",
    })
    void saysHowAPathIsWritten(String text, String expected, String instead) {
        Misread.cures(Endpoint::parse, text, expected, "write " + instead);
        assertThat(Endpoint.parse(instead)).isInstanceOf(Endpoint.Unix.class);
    }

    @Test
    void readsASocketThatWasPassed() {
        assertThat(Endpoint.parse("systemd"))
                .isEqualTo(new Endpoint.Systemd(null, 0, Endpoint.Systemd.Domain.INET));
        assertThat(Endpoint.parse("systemd:domain=INET6:index=3"))
                .isEqualTo(new Endpoint.Systemd(null, 3, Endpoint.Systemd.Domain.INET));
        assertThat(Endpoint.parse("systemd:domain=UNIX:name=web"))
                .isEqualTo(new Endpoint.Systemd("web", 0, Endpoint.Systemd.Domain.UNIX));
    }

    @Test
    void readsASocketByTheNumberOfItsDescriptor() {
        assertThat(Endpoint.parse("descriptor:3")).isEqualTo(new Endpoint.Descriptor(3));
        assertThat(Endpoint.parse("descriptor:3").isLoopback()).isFalse();
        assertThatThrownBy(() -> new Endpoint.Descriptor(-1))
                .hasMessage("a file descriptor is 0 to 999999999, not -1");
    }

    @Test
    void readsTheOptionsOfSockets() {
        assertThat(
                        Endpoint.parse(
                                "tcp:1:no-delay=false:keep-alive=true:reuse-address=false"
                                        + ":send-buffer=1000:receive-buffer=2000"
                                        + ":user-timeout=2.5:dscp=46"))
                .isEqualTo(
                        Endpoint.tcp(1)
                                .withOptions(
                                        new SocketOptions(
                                                false,
                                                KeepAlive.DEFAULT,
                                                false,
                                                1000,
                                                2000,
                                                Duration.ofMillis(2500),
                                                46)));
    }

    @Test
    void readsTheTimesOfKeepAliveWhichTurnItOn() {
        KeepAlive often =
                KeepAlive.DEFAULT
                        .withIdle(Duration.ofSeconds(60))
                        .withInterval(Duration.ofSeconds(10))
                        .withCount(5);
        assertThat(often)
                .isEqualTo(new KeepAlive(Duration.ofSeconds(60), Duration.ofSeconds(10), 5));
        String times = "tcp:1:keep-alive-idle=60:keep-alive-interval=10:keep-alive-count=5";
        Endpoint alive = Endpoint.tcp(1).withOptions(SocketOptions.DEFAULT.withKeepAlive(often));
        assertThat(Endpoint.parse(times)).isEqualTo(alive);
        assertThat(Endpoint.parse(times + ":keep-alive=true")).isEqualTo(alive);
        assertThat(Endpoint.parse("tcp:1:keep-alive=false")).isEqualTo(Endpoint.tcp(1));
        assertThatThrownBy(() -> Endpoint.parse(times + ":keep-alive=false"))
                .hasMessageContaining("keep-alive=false has no times or count")
                .hasMessageContaining("column 68");
    }

    @Test
    void keepsTheOptionsOfSocketsWithinTheirBounds() {
        SocketOptions options = SocketOptions.DEFAULT;
        assertThatThrownBy(() -> options.withSendBuffer(-1)).hasMessageContaining("not -1 and 0");
        assertThatThrownBy(() -> options.withDscp(64)).hasMessage("a DSCP is 0 to 63, not 64");
        for (Duration wrong :
                List.of(Duration.ZERO, Duration.ofNanos(1_500_000), Duration.ofDays(12))) {
            assertThatThrownBy(() -> options.withUserTimeout(wrong))
                    .hasMessage(
                            "a user timeout is 1 ms to 999999 s, in whole milliseconds, not "
                                    + wrong);
        }
        for (Duration wrong :
                List.of(Duration.ZERO, Duration.ofMillis(1500), Duration.ofSeconds(32_768))) {
            assertThatThrownBy(() -> new KeepAlive(wrong, null, 0))
                    .hasMessage(
                            "the idle time of keep-alive is 1 to 32767 whole seconds, not "
                                    + wrong);
            assertThatThrownBy(() -> new KeepAlive(null, wrong, 0))
                    .hasMessageContaining("the interval time of keep-alive");
        }
        assertThatThrownBy(() -> new KeepAlive(null, null, 128))
                .hasMessage("keep-alive asks at most 127 times, not 128");
    }

    @Test
    void hasNoPermissionsAtAnAbstractName() {
        Endpoint.Unix anybody = Endpoint.unix("@app");
        assertThat(anybody.mode()).isEqualTo(0777);
        assertThat(Endpoint.parse("unix:@app:backlog=5")).isEqualTo(anybody.withBacklog(5));
        assertThatThrownBy(() -> anybody.withMode(0600))
                .hasMessage(
                        "an abstract name has no permissions, anybody here may connect: leave"
                                + " the mode at 0777");
        assertThatThrownBy(() -> Endpoint.parse("unix:@app:mode=600"))
                .hasMessageContaining("leave mode= out (column 11");
    }

    @Test
    void hasPermissionsOfAFile() {
        assertThatThrownBy(() -> Endpoint.unix("/a").withMode(01000))
                .hasMessageContaining("0 to 0777, not 01000");
        assertThatThrownBy(() -> Endpoint.unix("")).hasMessageContaining("needs a path");
    }

    @Test
    void onAUnixSocketIsReachedFromThisMachineOnly() {
        assertThat(Endpoint.unix("/a").isLoopback()).isTrue();
        assertThat(Endpoint.parse("systemd:domain=unix").isLoopback()).isTrue();
        assertThat(Endpoint.parse("systemd").isLoopback()).isFalse();
    }

    @Test
    void mayHaveToBeTcp() {
        assertThatThrownBy(() -> Endpoint.Tcp.parse("unix:/a"))
                .hasMessageContaining("expected an endpoint such as tcp:4222, not \"unix\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:4222",
                "tcp:4222:interface=0.0.0.0",
                "tcp:4222:interface=\\:\\:1:backlog=50",
                "tcp:1:no-delay=false:keep-alive=true:reuse-address=false:send-buffer=1:receive-buffer=2",
                "tcp:1:keep-alive-idle=60:keep-alive-count=5:user-timeout=0.500:dscp=46",
                "unix:/run/a\\:b\\=c\\\\d",
                "unix:a:mode=060:backlog=1",
                "unix:@a\\:b",
                "systemd:index=0",
                "systemd:index=1:domain=unix",
                "systemd:name=a\\:b:domain=unix",
                "systemd:name=a:index=1",
                "descriptor:0",
            })
    void writesWhatItReads(String text) {
        assertThat(Endpoint.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=b", "a\\b", "a:b", "a\\:=b"})
    void readsWhatItWrites(String host) {
        Endpoint endpoint = Endpoint.at(Address.of(host, 1)).withBacklog(7);

        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "127.8.9.10, true",
        "::1, true",
        "localhost, true",
        "0.0.0.0, false",
        "::, false",
        "127.0.0.1.example, false",
        "10.0.0.1, false",
    })
    void knowsLoopback(String host, boolean loopback) {
        assertThat(Endpoint.at(Address.of(host, 1)).isLoopback()).isEqualTo(loopback);
    }

    @Test
    void movesToAnotherPort() {
        assertThat(Endpoint.Tcp.parse("tcp:1:interface=a:backlog=5").withPort(2))
                .hasToString("tcp:2:interface=a:backlog=5");
    }
}
