package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// All the arguments, or all the results, of a command, whatever they are: in the place of a record
/// with a component for each. For commands that are known at run time alone:
///
/// ```java
/// amp.call(Command.of(name, AmpBox.class, AmpBox.class), new AmpBox(Map.of("a", Bytes.utf8("13"))))
/// ```
///
/// is Twisted's `callRemoteString(name, a=b"13")`; [Answers#otherwise] is its `locateResponder`.
///
/// @param values by their names on the wire, of 1 to 255 characters of ISO 8859-1; owned, in the
///   order of the names
public record AmpBox(Map<String, Bytes> values) {

    /// @throws IllegalArgumentException if AMP takes no argument of such a name
    public AmpBox {
        Map<String, Bytes> owned = new TreeMap<>();
        values.forEach((key, value) -> owned.put(Box.checkedKey(key), value.owned()));
        values = Collections.unmodifiableMap(owned);
    }
}
