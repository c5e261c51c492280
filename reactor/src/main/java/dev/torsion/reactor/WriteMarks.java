package dev.torsion.reactor;

/// How many bytes that were written may wait to be sent, on a connection or into a program.
///
/// @param low bytes below which `writableAgain` follows, at least 1, at most `high`
/// @param high bytes above which `write` returns false
/// @param hard bytes above which the connection, or the program, is given up, more than `high`:
///   what one who was told to go on may still write is the difference
public record WriteMarks(int low, int high, int hard) {
    /// 32 KiB, 64 KiB and 64 MiB.
    public static final WriteMarks DEFAULT = new WriteMarks(32 << 10, 64 << 10, 64 << 20);

    public WriteMarks {
        if (low < 1 || low > high || high >= hard) {
            throw new IllegalArgumentException(
                    "expected 1 <= low <= high < hard, not %d, %d, %d".formatted(low, high, hard));
        }
    }
}
