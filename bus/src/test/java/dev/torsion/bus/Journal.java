package dev.torsion.bus;

import java.util.ArrayList;
import java.util.List;

/// A handler that writes down what it is told: the text of each event, and gaps as `-3`.
final class Journal implements EventHandler {
    final List<Event> events = new ArrayList<>();
    final List<String> entries = new ArrayList<>();

    @Override
    public void handle(Event event) {
        events.add(event);
        entries.add(event.text());
    }

    @Override
    public void missed(Gap gap) {
        entries.add("-" + gap.count());
    }
}
