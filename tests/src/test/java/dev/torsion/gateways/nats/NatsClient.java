package dev.torsion.gateways.nats;

import dev.torsion.fuzz.Decoder;
import dev.torsion.fuzz.Decoders;
import dev.torsion.fuzz.StreamDecoder;
import dev.torsion.protocols.FramingProtocol;
import dev.torsion.reactor.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What a NATS client sends, or whoever pretends to be one.
public final class NatsClient {
    private static final int MAX_LINE = 1024;
    private static final int HUGE = 64 << 20;

    private NatsClient() {}

    public static SequencedMap<String, Decoder> decoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put(
                "nats",
                new StreamDecoder(
                        Commands::new,
                        Decoders.texts(
                                "CONNECT {\"verbose\":false,\"headers\":true}\r\nPING\r\n",
                                "PUB a.b 5\r\nhello\r\nPONG\r\n",
                                "PUB a.b reply 0\r\n\r\n",
                                "HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
                                "SUB a.* group 1\r\nUNSUB 1 5\r\n",
                                "PUB a 67108864\r\nxx",
                                "GET / HTTP/1.0\r\n")));
        decoders.put(
                "nats-headers",
                new Headers(
                        Decoders.texts(
                                "NATS/1.0\r\n\r\n",
                                "NATS/1.0\r\nA: b\r\nA:c\r\n\r\n",
                                "NATS/1.0\r\nno colon\r\n\r\n",
                                "NATS/1.0\r\n")));
        return decoders;
    }

    private static final class Commands extends FramingProtocol {
        private final ClientParser parser;

        Commands(List<String> read) {
            parser =
                    new ClientParser(
                            MAX_LINE,
                            HUGE,
                            command -> {
                                read.add(spelled(command));
                                if (command instanceof ClientCommand.Invalid) {
                                    transport().loseConnection();
                                }
                            });
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            return parser.consume(chunk, from);
        }

        @Override
        protected int unfinishedBytes() {
            return parser.unfinishedBytes();
        }

        private static String spelled(ClientCommand command) {
            return command instanceof ClientCommand.Publish publish
                    ? publish.subject()
                            + " "
                            + publish.replyTo()
                            + " "
                            + (publish.headerBlock() == null ? null : publish.headerBlock().utf8())
                            + " "
                            + publish.payload().utf8()
                    : command.toString();
        }
    }

    private record Headers(List<byte[]> seeds) implements Decoder {
        @Override
        public void feed(byte[] input) {
            try {
                var _ = HeaderBlock.parse(Bytes.wrap(input));
            } catch (IllegalArgumentException said) {
                if (String.valueOf(said.getMessage()).isBlank()) {
                    throw new AssertionError("an error that says nothing", said);
                }
            }
        }
    }
}
