package dev.torsion.fuzz;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Jazzer calls. An input's first byte says which decoder gets the rest, unless the system
/// property `fuzz.decoder` names one for all of them.
public final class Fuzzing {
    private static final @Nullable String ONLY = System.getProperty("fuzz.decoder");
    private static final List<Decoder> DECODERS = List.copyOf(Decoders.byName().values());

    private Fuzzing() {}

    /// Called by Jazzer for each input.
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        Decoder decoder =
                ONLY == null
                        ? DECODERS.get((input[0] & 0xff) % DECODERS.size())
                        : Decoders.byName().get(ONLY);
        if (decoder == null) {
            throw new IllegalArgumentException(
                    "no decoder " + ONLY + "; there are " + Decoders.byName().keySet());
        }
        decoder.feed(Arrays.copyOfRange(input, 1, input.length));
    }

    /// The input that gives `rest` to a decoder.
    static byte[] input(String decoder, byte[] rest) {
        int number = List.copyOf(Decoders.byName().keySet()).indexOf(decoder);
        byte[] input = new byte[rest.length + 1];
        input[0] = (byte) number;
        System.arraycopy(rest, 0, input, 1, rest.length);
        return input;
    }
}
