package dev.torsion.reactor;

/// Something that was asked for and can be taken back. Thread-safe.
@FunctionalInterface
public interface Registration {

    /// Takes it back.
    ///
    /// @return whether it was still to come
    boolean remove();
}
