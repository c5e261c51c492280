package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.FrameProtocol;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.NetstringProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// The protocols of this room, received from by conversations.
final class Framings {
    private Framings() {}

    static final class Raw implements Framing.Framed<Bytes> {
        private final Framing.Inbox<Bytes> inbox;
        private @Nullable Transport transport;

        Raw(Framing.Inbox<Bytes> inbox) {
            this.inbox = inbox;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            inbox.received(data.owned(), transport());
        }

        @Override
        public boolean send(Bytes data) {
            return transport().write(data);
        }

        @Override
        public boolean isBetweenMessages() {
            return true;
        }

        private Transport transport() {
            return requireNonNull(transport, "no connection was made yet");
        }
    }

    static final class Lines extends LineProtocol implements Framing.Framed<Bytes> {
        private final int maxLength;
        private final Framing.Inbox<Bytes> inbox;

        Lines(LineEnd end, int maxLength, Framing.Inbox<Bytes> inbox) {
            super(end, maxLength);
            this.maxLength = maxLength;
            this.inbox = inbox;
        }

        @Override
        protected void lineReceived(Bytes line) {
            inbox.received(line.owned(), transport());
        }

        @Override
        protected void lineLengthExceeded() {
            inbox.refused("a line of more than " + maxLength + " bytes");
            transport().loseConnection();
        }

        @Override
        protected void cutOff(int bytes) {
            inbox.cutOff(bytes);
        }

        @Override
        public boolean send(Bytes line) {
            return sendLine(line);
        }

        @Override
        public boolean isBetweenMessages() {
            return unfinishedBytes() == 0;
        }
    }

    static final class Netstrings extends NetstringProtocol implements Framing.Framed<Bytes> {
        private final Framing.Inbox<Bytes> inbox;

        Netstrings(int maxLength, Framing.Inbox<Bytes> inbox) {
            super(maxLength);
            this.inbox = inbox;
        }

        @Override
        protected void netstringReceived(Bytes string) {
            inbox.received(string.owned(), transport());
        }

        @Override
        protected void netstringRefused(String why) {
            inbox.refused("no netstring: " + why);
        }

        @Override
        protected void cutOff(int bytes) {
            inbox.cutOff(bytes);
        }

        @Override
        public boolean send(Bytes string) {
            return sendNetstring(string);
        }

        @Override
        public boolean isBetweenMessages() {
            return unfinishedBytes() == 0;
        }
    }

    static final class Frames extends FrameProtocol implements Framing.Framed<Bytes> {
        private final int maxLength;
        private final Framing.Inbox<Bytes> inbox;

        Frames(LengthPrefix prefix, int maxLength, Framing.Inbox<Bytes> inbox) {
            super(prefix, maxLength);
            this.maxLength = maxLength;
            this.inbox = inbox;
        }

        @Override
        protected void frameReceived(Bytes frame) {
            inbox.received(frame.owned(), transport());
        }

        @Override
        protected void frameLengthExceeded(long announced) {
            inbox.refused("a frame of " + announced + " bytes, of at most " + maxLength);
        }

        @Override
        protected void cutOff(int bytes) {
            inbox.cutOff(bytes);
        }

        @Override
        public boolean send(Bytes frame) {
            return sendFrame(frame);
        }

        @Override
        public boolean isBetweenMessages() {
            return unfinishedBytes() == 0;
        }
    }
}
