package dev.torsion.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class after which a buffer was collected that nobody had released. JUnit finds it
/// by itself, in every room whose tests have this one's on their class path; the build has Netty
/// follow every buffer (`io.netty.leakDetection.level=paranoid`).
///
/// It collects garbage once for a class and all that is nested in it, and not at all after one that
/// has used no buffer.
public final class LeakWatch implements AfterAllCallback {
    private static final ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();
    private static volatile boolean used; // a buffer, since the last look
    private static final long COLLECTED_WITHIN_MILLIS = 10_000;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
                new ResourceLeakDetectorFactory() {
                    @Override
                    @SuppressWarnings("deprecation") // abstract all the same
                    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                            Class<T> resource, int samplingInterval, long maxActive) {
                        return new Recording<>(resource, samplingInterval);
                    }

                    @Override
                    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                            Class<T> resource, int samplingInterval) {
                        return new Recording<>(resource, samplingInterval);
                    }
                });
    }

    private static final class Recording<T> extends ResourceLeakDetector<T> {
        private Recording(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        /// Asked for every buffer that is to be followed.
        @Override
        protected boolean needReport() {
            used = true;
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            found.add("a " + resourceType + " was never released; it was used here:" + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            found.add("a " + resourceType + " was never released");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        boolean nested = context.getRequiredTestClass().getEnclosingClass() != null;
        if (nested || !used) {
            return;
        }
        List<String> leaks = leaks();
        used = false;
        if (!leaks.isEmpty()) {
            throw new AssertionError(
                    leaks.size() + " leaks, found after this class:\n" + String.join("\n", leaks));
        }
    }

    /// What was lost and not told before.
    static List<String> leaks() throws InterruptedException {
        collect();
        ByteBufAllocator.DEFAULT.ioBuffer().release(); // the detector looks when it is given work
        List<String> leaks = new ArrayList<>();
        for (String leak = found.poll(); leak != null; leak = found.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    /// Returns when what was garbage at the call has been collected.
    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> garbage = new PhantomReference<>(new Object(), queue);
        try {
            System.gc();
            if (!garbage.equals(queue.remove(COLLECTED_WITHIN_MILLIS))) {
                throw new AssertionError("this JVM collects no garbage");
            }
        } finally {
            Reference.reachabilityFence(garbage);
        }
    }
}
