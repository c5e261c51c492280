package dev.torsion.protocols.amp;

/// Why an AMP connection does not read its peer: it does not as long as one of these stands.
enum Hold {
    /// The peer does not take its answers: until there is room for more.
    ANSWERS,
    /// As many questions of the peer wait for this end's answers as may, and it has sent another
    /// that cannot be refused, as it wants none: until there is room for another.
    QUESTIONS
}
