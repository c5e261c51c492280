package dev.torsion.fuzz;

import java.lang.management.ManagementFactory;

/// What every decoder promises of memory: as much as what has come is worth, never as much as is
/// announced.
final class Allocation {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Far below what the decoders' limits allow to be announced.
    private static final long ALLOWED_AT_ALL = 2 << 20;

    private static final long ALLOWED_PER_BYTE = 4 << 10;

    private Allocation() {}

    /// Reads an input, on the caller's thread.
    @FunctionalInterface
    interface Reading {
        void read() throws Exception;
    }

    /// @param reading of an input of `size` bytes; done twice if it takes too much
    static void isBounded(int size, Reading reading) throws Exception {
        long allowed = ALLOWED_AT_ALL + ALLOWED_PER_BYTE * size;
        long allocated = allocated(reading);
        if (allocated > allowed) {
            // The first time it may have been classes that were loaded.
            allocated = allocated(reading);
        }
        if (allocated > allowed) {
            throw new AssertionError(allocated + " bytes allocated for " + size);
        }
    }

    private static long allocated(Reading reading) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        reading.read();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
