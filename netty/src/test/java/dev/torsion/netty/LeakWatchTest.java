package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class LeakWatchTest {

    @Test
    void findsABufferThatNobodyReleases() throws Exception {
        lose(ByteBufAllocator.DEFAULT.ioBuffer(100));
        List<String> leaks = new ArrayList<>();
        while (leaks.isEmpty()) {
            leaks.addAll(LeakWatch.leaks());
        }
        assertThat(leaks).singleElement().asString().contains("never released");
    }

    @Test
    void saysNothingOfOneThatIsReleased() throws Exception {
        ByteBufAllocator.DEFAULT.ioBuffer(100).release();
        assertThat(LeakWatch.leaks()).isEmpty();
    }

    private static void lose(ByteBuf buffer) {
        buffer.writeLong(1);
    }
}
