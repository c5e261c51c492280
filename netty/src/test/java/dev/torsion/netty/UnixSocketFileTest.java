package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import org.junit.jupiter.api.Test;

final class UnixSocketFileTest {

    /// As another user's. Not tried with a file: to the superuser all is permitted.
    @Test
    void isNotSaidToBeInUseWhereNobodyCouldLook() {
        assertThat(UnixSocketFile.occupied(new BindException("Permission denied")))
                .hasMessage(
                        "there is a socket that this user may not connect to, so that nobody knows"
                                + " whether somebody listens: remove it if nobody does");
        assertThat(UnixSocketFile.occupied(new IOException("Resource temporarily unavailable")))
                .hasMessage("address already in use: somebody listens there");
    }
}
