package dev.torsion.bus;

/// One value of the configuration, as text.
///
/// @param value what it says
/// @param where where it says so, for messages: `torsion.yaml:14`
public record Setting(String value, String where) {}
