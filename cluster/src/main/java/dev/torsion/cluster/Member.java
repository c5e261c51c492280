package dev.torsion.cluster;

import dev.torsion.reactor.Address;

/// Another node of the cluster, as this node knows it.
///
/// @param incarnation which life of that name; a later one is greater
/// @param address where its links are accepted
/// @param linked whether the link to it stands and its interests are known here
public record Member(String name, long incarnation, Address.Inet address, boolean linked) {}
