package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Thrown;
import io.netty.channel.ConnectTimeoutException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What kept a socket from being opened, bound, connected or sent through: the same answer, in the
/// same words, whichever way sockets are watched and whatever language the system speaks.
///
/// Netty's natives tell the system's number. The JDK tells its text alone, in the language of the
/// process, by a few classes that stand for several numbers each: in English the text is read, else
/// the class decides as far as it can, and what remains open keeps the system's own text.
///
/// **Thread:** any.
enum SocketFailure {
    IN_USE(98, "Address already in use", "address already in use"),
    NO_SUCH_ADDRESS(
            99,
            "Cannot assign requested address",
            "this machine has no such address, or no free port at it"),
    DENIED(13, "Permission denied", "permission denied"),
    REFUSED(111, "Connection refused", "connection refused"),
    /// Of a UNIX socket: TCP waits instead.
    BUSY(11, "Resource temporarily unavailable", "too many wait there to be accepted"),
    NO_FILE(2, "No such file or directory", "there is no such socket"),
    TIMED_OUT(110, "Connection timed out", "no answer"),
    NO_ROUTE(113, "No route to host", "no route to host"),
    NO_NETWORK(101, "Network is unreachable", "no route to host"),
    /// Before the next one, with whose text its own begins.
    NO_DESCRIPTOR_IN_SYSTEM(
            23,
            "Too many open files in system",
            "the system has no file descriptor left: raise its limit (sysctl fs.file-max)"),
    NO_DESCRIPTOR(
            24, "Too many open files", "no file descriptor is left: raise the limit (ulimit -n)"),
    /// Something else: the system's own text tells what.
    OTHER(0, "", "");

    /// How Netty's natives tell it; their classes may be absent.
    private static final Pattern NUMBER = Pattern.compile("failed with error\\(-(\\d+)\\)");

    private final int number;
    private final String english;
    private final String words;

    /// @param number of Linux, which alone has natives (`asm-generic/errno.h`)
    /// @param english what glibc says
    /// @param words what we say
    SocketFailure(int number, String english, String words) {
        this.number = number;
        this.english = english;
        this.words = words;
    }

    static SocketFailure of(Throwable failure) {
        SocketFailure found = OTHER;
        for (Throwable each : Thrown.causes(failure)) {
            if (found == OTHER) {
                found = one(each);
            }
        }
        return found;
    }

    private static SocketFailure one(Throwable failure) {
        return switch (failure) {
            case PortUnreachableException _ -> REFUSED;
            case NoRouteToHostException _ -> NO_ROUTE;
            case ConnectTimeoutException _ -> TIMED_OUT;
            case FileNotFoundException _ -> NO_FILE;
            case NoSuchFileException _ -> NO_FILE;
            case AccessDeniedException _ -> DENIED;
            case IOException told -> ofText(told);
            default -> OTHER;
        };
    }

    private static SocketFailure ofNumber(int number) {
        for (SocketFailure each : values()) {
            if (each.number == number) {
                return each;
            }
        }
        return OTHER;
    }

    private static SocketFailure ofText(IOException failure) {
        String text = String.valueOf(failure.getMessage());
        Matcher numbered = NUMBER.matcher(text);
        if (numbered.find()) {
            return ofNumber(Integer.parseInt(numbered.group(1)));
        }
        for (SocketFailure each : values()) {
            if (each != OTHER && text.startsWith(each.english)) {
                return each;
            }
        }
        // The JDK has this class for a refusal and for the system's own timeout, which is longer
        // than a connect may take here.
        return failure instanceof ConnectException ? REFUSED : OTHER;
    }

    /// What Netty's natives and the JDK tell by unchecked exceptions too, in a checked one.
    static IOException known(Exception failure) {
        if (failure instanceof IOException checked) {
            return checked;
        }
        return failure.getCause() instanceof IOException cause
                ? cause
                : new IOException(Thrown.text(failure), failure);
    }

    // ---- in words ----

    /// What was wrong.
    static String why(Throwable failure) {
        SocketFailure what = of(failure);
        return what == OTHER ? text(failure) : what.words;
    }

    /// Why nothing can be bound to `host`, which is empty where there is none.
    static String whyNotBound(Throwable failure, String host) {
        return !host.isEmpty() && of(failure) == NO_SUCH_ADDRESS
                ? "this machine has no address " + host
                : why(failure);
    }

    private static String text(Throwable failure) {
        String text = Thrown.text(failure);
        Throwable cause = failure.getCause();
        return cause == null || cause.getMessage() == null || text.contains(cause.getMessage())
                ? text
                : text + ": " + cause.getMessage();
    }

    /// A connection to `peer` that came to nothing.
    static ConnectFailedException notConnected(Address peer, Throwable failure) {
        Kind kind =
                switch (of(failure)) {
                    case REFUSED, NO_FILE, BUSY -> Kind.REFUSED;
                    case IN_USE, NO_SUCH_ADDRESS -> Kind.CANNOT_BIND;
                    case TIMED_OUT -> Kind.TIMED_OUT;
                    case DENIED,
                            NO_ROUTE,
                            NO_NETWORK,
                            NO_DESCRIPTOR_IN_SYSTEM,
                            NO_DESCRIPTOR,
                            OTHER ->
                            Kind.UNREACHABLE;
                };
        return new ConnectFailedException(kind, peer, why(failure), failure);
    }

    /// [#notConnected], because this end could not be bound.
    static ConnectFailedException notConnected(
            Address peer, InetSocketAddress end, IOException failure) {
        return new ConnectFailedException(
                Kind.CANNOT_BIND,
                peer,
                "cannot bind this end to " + end + ": " + why(failure),
                failure);
    }
}
