package dev.torsion.node;

import java.util.List;

/// The configuration says what cannot be. Names every problem found, each with its place, what was
/// expected and what stands there.
final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }

    /// At least one, a line each.
    List<String> problems() {
        return List.of(String.valueOf(getMessage()).split(System.lineSeparator(), -1));
    }
}
