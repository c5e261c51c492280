package dev.torsion.reactor;

/// Reads port numbers, for the texts that hold them.
final class Ports {
    private static final int SHOWN = 255; // as long as a name may be

    private Ports() {}

    static int parse(String digits, String whole) {
        boolean number = !digits.isEmpty() && digits.length() <= 5;
        for (int i = 0; number && i < digits.length(); i++) {
            number = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
        }
        int port = number ? Integer.parseInt(digits) : -1;
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "expected a port from 0 to 65535, not \"%s\" in \"%s\""
                            .formatted(
                                    PeerText.shown(digits, SHOWN), PeerText.shown(whole, SHOWN)));
        }
        return port;
    }
}
