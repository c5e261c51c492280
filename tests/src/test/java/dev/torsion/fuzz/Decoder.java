package dev.torsion.fuzz;

import java.util.List;

/// Something that reads bytes from outside.
public interface Decoder {

    /// Reads `input`, which may be anything, and checks what the decoder promises of it.
    ///
    /// @throws Exception if a promise is broken; an [AssertionError] says which
    void feed(byte[] input) throws Exception;

    /// Inputs to begin with: sound ones, so that chance need not find out the format.
    List<byte[]> seeds();
}
