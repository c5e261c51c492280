package dev.torsion.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.DropReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LinkStatsTest {

    @Test
    void namesItsDropsInTheOrderOfTheReasonsWhateverOrderTheyCameIn() {
        Map<DropReason, Long> backwards = new LinkedHashMap<>();
        for (DropReason reason : List.of(DropReason.values()).reversed()) {
            backwards.put(reason, 1L);
        }
        LinkStats books = new LinkStats("b", 6, 0, 0, 0, 0, backwards, 0, 0, 1);
        assertThat(books.dropped().keySet()).containsExactly(DropReason.values());
    }
}
