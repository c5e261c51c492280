package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.PeerText;
import java.time.DateTimeException;

/// How values of one type are written into a box.
interface ValueType {

    /// The value as it is sent.
    ///
    /// @throws AmpException.Unsendable if AMP has no way to say it
    Bytes encode(Object value) throws AmpException.Unsendable;

    /// The value that came.
    ///
    /// @param value owned
    /// @throws AmpException.Unreadable saying what was expected
    Object decode(Bytes value) throws AmpException.Unreadable;

    /// Writes and reads text of ASCII characters.
    interface Text extends ValueType {
        /// Of a text that is no such value.
        int MOST_SHOWN = 40;

        String write(Object value) throws AmpException.Unsendable;

        /// The value; an exception of arithmetic, time or argument says that it is none.
        Object read(String text) throws AmpException.Unreadable;

        @Override
        default Bytes encode(Object value) throws AmpException.Unsendable {
            return Bytes.utf8(write(value));
        }

        @Override
        default Object decode(Bytes value) throws AmpException.Unreadable {
            try {
                return read(value.utf8());
            } catch (IllegalArgumentException | ArithmeticException | DateTimeException wrong) {
                throw new AmpException.Unreadable(
                        "\"" + PeerText.shown(value.utf8(), MOST_SHOWN) + "\"", wrong);
            }
        }
    }
}
