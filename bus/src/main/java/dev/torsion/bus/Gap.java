package dev.torsion.bus;

/// Events that a live subscription was offered and did not get.
///
/// @param count how many, at least one
/// @param reason why
public record Gap(long count, DropReason reason) implements Incoming {}
