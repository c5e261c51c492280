package dev.torsion.bus;

/// The configuration says something that cannot be. The message names the place, what was expected
/// and what stands there.
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String where, String problem) {
        super(where + ": " + problem);
    }
}
