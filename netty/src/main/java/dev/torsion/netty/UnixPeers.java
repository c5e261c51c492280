package dev.torsion.netty;

import dev.torsion.reactor.PeerCredentials;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a UNIX socket, as Netty's natives and the JDK tell it.
final class UnixPeers {
    private static final ChannelOption<UnixDomainPrincipal> PRINCIPALS =
            NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED);
    private static final int NOBODY = -1;

    private UnixPeers() {}

    static @Nullable PeerCredentials ofNative(io.netty.channel.unix.PeerCredentials told) {
        int[] groups = told.gids();
        return groups.length == 0 ? null : known(told.uid(), groups[0], told.pid());
    }

    /// The JDK tells names, and no process.
    static @Nullable PeerCredentials ofJdk(DuplexChannel channel) throws IOException {
        UnixDomainPrincipal told = channel.config().getOption(PRINCIPALS);
        if (told == null) {
            return null; // there is no such option here
        }
        UserPrincipalLookupService machine =
                FileSystems.getDefault().getUserPrincipalLookupService();
        return known(
                id(told.user(), machine::lookupPrincipalByName),
                id(told.group(), machine::lookupPrincipalByGroupName),
                0);
    }

    private static @Nullable PeerCredentials known(int uid, int gid, int pid) {
        return uid == NOBODY || gid == NOBODY
                ? null
                : new PeerCredentials(
                        Integer.toUnsignedLong(uid), Integer.toUnsignedLong(gid), Math.max(0, pid));
    }

    /// The number of a principal. The JDK keeps it to itself, except that it hashes to it, which it
    /// does not promise; so that is a guess, which holds if whoever has that number is the same.
    private static int id(UserPrincipal told, Lookup machine) throws IOException {
        int guess = told.hashCode();
        return machine.find(Integer.toString(guess)).equals(told) ? guess : NOBODY;
    }

    /// Finds a name, or else a number.
    private interface Lookup {
        UserPrincipal find(String nameOrNumber) throws IOException;
    }
}
