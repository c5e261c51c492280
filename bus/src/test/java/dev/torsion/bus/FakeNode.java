package dev.torsion.bus;

import java.util.ArrayList;
import java.util.List;

/// Another node: writes down what it is sent, as `text plain [groups]`.
final class FakeNode implements RemoteNode {
    final List<String> sent = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
    final List<Boolean> nobodyMatters = new ArrayList<>();
    private final String name;
    boolean full;

    FakeNode(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean send(Event event, boolean plain, List<String> groups, boolean matters) {
        events.add(event);
        nobodyMatters.add(matters);
        sent.add(event.text() + (plain ? " plain " : " ") + groups);
        return !full;
    }
}
