package dev.torsion.reactor;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Which word was meant.
final class Spelling {
    private static final int MOST_SLIPS = 2;
    private static final int SHORTEST_BEGINNING = 3;

    private Spelling() {}

    /// The word of `words` that `written` is the beginning of, or has slips from: at most two, and
    /// fewer than half its letters, each a letter too many, too few, wrong, or changed places with
    /// the next; null if there is none.
    static @Nullable String nearest(String written, Collection<String> words) {
        String nearest = null;
        int fewest = Math.min(MOST_SLIPS, (written.length() - 1) / 2) + 1;
        for (String word : words) {
            boolean beginning = written.length() >= SHORTEST_BEGINNING && word.startsWith(written);
            int slips = beginning ? 1 : slips(written, word);
            if (slips < fewest) {
                nearest = word;
                fewest = slips;
            }
        }
        return nearest;
    }

    /// The distance of Damerau and Levenshtein, of which no letter is moved twice; or more than any
    /// that is looked for.
    private static int slips(String one, String other) {
        if (Math.abs(one.length() - other.length()) > MOST_SLIPS) {
            return Integer.MAX_VALUE;
        }
        int[][] slips = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                slips[i][j] = i == 0 || j == 0 ? i + j : fewest(slips, one, other, i, j);
            }
        }
        return slips[one.length()][other.length()];
    }

    private static int fewest(int[][] slips, String one, String other, int i, int j) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int fewest = Math.min(slips[i - 1][j], slips[i][j - 1]) + 1;
        fewest = Math.min(fewest, slips[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
                i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(fewest, slips[i - 2][j - 2] + 1) : fewest;
    }
}
