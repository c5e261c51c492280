package dev.torsion.sim;

/// Something that was claimed about a run does not hold.
public final class BrokenClaimError extends AssertionError {
    private final String claim;

    /// @param claim the claim's name, the same for every way of breaking it
    /// @param how what was found instead
    public BrokenClaimError(String claim, String how) {
        super(claim + ": " + how);
        this.claim = claim;
    }

    public String claim() {
        return claim;
    }
}
