package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class NetstringProtocolTest {
    private static final int MAX = 12;
    private static final String LOST = "lost: closed cleanly";

    private static final class Strings extends NetstringProtocol {
        private final List<String> told = new ArrayList<>();

        Strings() {
            super(MAX);
        }

        @Override
        protected void netstringReceived(Bytes string) {
            told.add(string.utf8());
            if (string.utf8().equals("close")) {
                transport().loseConnection();
            }
        }

        @Override
        protected void netstringRefused(String why) {
            told.add("refused: " + why);
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(reason.toString().equals("closed cleanly") ? LOST : "lost otherwise");
        }
    }

    static List<Arguments> rules() {
        return List.of(
                rule("length:data,", "5:hello,5:world,", "hello", "world"),
                rule("the empty string", "0:,0:,", "", ""),
                rule("commas, colons and digits inside", "6:1:a,2:,0:,", "1:a,2:", ""),
                rule("as long as allowed", "12:123456789012,", "123456789012"),
                rule("not the whole of it", "5:hell"),
                rule("close ends it", "5:close,2:no,", "close", LOST),
                rule("what came before is delivered", "2:ok,x", "ok", notDigit('x'), LOST),
                rule(
                        "no leading zeros",
                        "05:hello,",
                        "refused: a length with a leading zero",
                        LOST),
                rule("no double zero", "00:,", "refused: a length with a leading zero", LOST),
                rule("no plus", "+5:hello,", notDigit('+'), LOST),
                rule("no minus", "-5:hello,", notDigit('-'), LOST),
                rule("no space before", " 5:hello,", notDigit(' '), LOST),
                rule("no space after", "5 :hello,", notDigit(' '), LOST),
                rule("no length", ":hello,", notDigit(':'), LOST),
                rule("no comma", "5:hello;", "refused: no comma after 5 bytes", LOST),
                rule("no comma after nothing", "0:x", "refused: no comma after 0 bytes", LOST),
                rule("too short a length", "4:hello,", "refused: no comma after 4 bytes", LOST),
                rule("too long", "13:", tooLong(13), LOST),
                rule("too long by its digits, before the colon", "999", tooLong(99), LOST));
    }

    private static Arguments rule(String name, String input, String... told) {
        return Arguments.of(name, input, List.of(told));
    }

    private static String notDigit(char found) {
        return "refused: expected a length in digits and a colon, not the byte " + (int) found;
    }

    private static String tooLong(int length) {
        return "refused: a length of " + length + " or more; at most 12 is allowed";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void keepsTheRuleHoweverTheBytesArrive(String name, String input, List<String> told) {
        Feeding.inEveryWay(
                Bytes.utf8(input),
                Strings::new,
                (protocol, _) -> assertThat(protocol.told).as(name).isEqualTo(told));
    }

    @Test
    void takes99999BytesAndNoMoreUnlessToldOtherwise() {
        List<String> told = new ArrayList<>();
        NetstringProtocol protocol =
                new NetstringProtocol() {
                    @Override
                    protected void netstringReceived(Bytes string) {
                        told.add(string.size() + " bytes");
                    }

                    @Override
                    protected void netstringRefused(String why) {
                        told.add("refused");
                    }
                };
        MemoryTransport transport = MemoryTransport.connect(protocol);
        transport.receive(Bytes.utf8("99999:" + "x".repeat(99_999) + ",10000"));
        assertThat(transport.isClosing()).isFalse();

        transport.receive(Bytes.utf8("0"));
        assertThat(told).containsExactly("99999 bytes", "refused");
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void takesNoMemoryForALengthThatIsOnlyAnnounced() {
        MemoryTransport transport =
                MemoryTransport.connect(
                        new NetstringProtocol(Integer.MAX_VALUE - 1) {
                            @Override
                            protected void netstringReceived(Bytes string) {}
                        });
        transport.receive(Bytes.utf8("2147483646:abc"));

        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void sendsWhatItReads() {
        Strings strings = new Strings();
        MemoryTransport transport = MemoryTransport.connect(strings);

        strings.sendNetstring(Bytes.utf8("hello"));
        strings.sendNetstring(Bytes.empty());

        assertThat(transport.takeWrittenText()).isEqualTo("5:hello,0:,");
    }

    @Test
    void sendsMoreThanItTakes() {
        Strings strings = new Strings();
        MemoryTransport transport = MemoryTransport.connect(strings);

        strings.sendNetstring(Bytes.utf8("x".repeat(MAX + 1)));

        assertThat(transport.takeWrittenText()).isEqualTo("13:xxxxxxxxxxxxx,");
    }
}
