package dev.torsion.reactor;

/// Who opened the other end of a UNIX socket, as the operating system tells it
/// ([Transport#peerCredentials()]): not what the peer says of itself.
///
/// To whoever accepted it this is the process that connected, as it was when it did. To whoever
/// connected it is the process that began to listen, which under systemd is systemd. Neither
/// changes any more, though a process may take another user since, hand its end to another process,
/// or end, and its number be given again: decide by [#uid()], and keep [#pid()] for the log.
///
/// @param uid its effective user, 0 to 4294967294; 0 is root. A program's own is in
///   `com.sun.security.auth.module.UnixSystem` of the JDK
/// @param gid its effective group, the first alone, 0 to 4294967294
/// @param pid its process; 0 where the system does not tell: with NIO, or from another namespace of
///   processes than ours
public record PeerCredentials(long uid, long gid, long pid) {
    private static final long LARGEST_ID = 0xffff_fffeL; // the one above is nobody's

    /// @throws IllegalArgumentException if one is out of its bounds, with which
    public PeerCredentials {
        requireId("user", uid);
        requireId("group", gid);
        if (pid < 0) {
            throw new IllegalArgumentException("a process is 1 or more, or 0, not " + pid);
        }
    }

    private static void requireId(String what, long id) {
        if (id < 0 || id > LARGEST_ID) {
            throw new IllegalArgumentException(
                    "the number of a " + what + " is 0 to " + LARGEST_ID + ", not " + id);
        }
    }
}
