package dev.torsion.bus;

/// A piece of transport metadata that is no CloudEvents attribute, carried along as it came (a NATS
/// header, say).
///
/// @param name printable ASCII without a colon or space, at most 256 characters
/// @param value any text without a line break, at most 4096 characters
public record Header(String name, String value) {

    /// Checks both.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    public Header {
        if (name.isEmpty()
                || name.length() > 256
                || !name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':')) {
            throw new IllegalArgumentException(
                    "a header name is 1 to 256 printable ASCII characters without colon or space");
        }
        if (value.length() > 4096 || value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    "the value of header "
                            + name
                            + " is longer than 4096 characters or has a line break");
        }
    }
}
