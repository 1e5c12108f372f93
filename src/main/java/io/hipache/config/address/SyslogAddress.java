package io.hipache.config.address;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a log daemon receives: {@code syslog:}, {@code syslog:/dev/log} or {@code syslog:udp:host:port}. */
public sealed interface SyslogAddress {
    String SCHEME = "syslog:";

    /** Reads what begins with {@link #SCHEME}. */
    static SyslogAddress parse(String text) throws BadUrl {
        String rest = text.substring(SCHEME.length());
        if (rest.isEmpty()) {
            return new Unix(Unix.USUAL_PATH);
        }
        if (rest.startsWith("/")) {
            return Unix.parse(rest);
        }
        if (rest.startsWith(Udp.SCHEME)) {
            return Udp.parse(rest.substring(Udp.SCHEME.length()));
        }
        throw new BadUrl("expected syslog:, syslog:/path or syslog:udp:host:port");
    }

    /** What is wrong with such a text, null for nothing. */
    static @Nullable String problem(String text) {
        try {
            parse(text);
            return null;
        } catch (BadUrl e) {
            return e.getMessage();
        }
    }

    /** A unix datagram socket of this machine. */
    record Unix(String path) implements SyslogAddress {
        /** Where the daemon of a machine receives. */
        private static final String USUAL_PATH = "/dev/log";

        /** A socket address has no room for more, and Java may not know other letters of a path. */
        private static final Pattern PATH = Pattern.compile("/[ -~]{0,106}");

        private static Unix parse(String path) throws BadUrl {
            if (!PATH.matcher(path).matches()) {
                throw new BadUrl("expected the path of a socket, in at most 107 letters of printable ASCII");
            }
            return new Unix(path);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * A UDP port of any machine.
     *
     * @param host a name, or an IP address without brackets
     */
    record Udp(String host, int port) implements SyslogAddress {
        private static final String SCHEME = "udp:";
        /** RFC 5426 §3.3. */
        private static final int USUAL_PORT = 514;

        private static final Pattern HOST_AND_PORT =
                Pattern.compile("(?:\\[([^\\]]*)]|([A-Za-z0-9._-]{1,253}))(?::(\\d{1,5}))?");

        private static Udp parse(String text) throws BadUrl {
            Matcher parts = HOST_AND_PORT.matcher(text);
            if (!parts.matches()) {
                throw new BadUrl("expected syslog:udp:host:port, with an IPv6 address in brackets");
            }
            String ipv6 = parts.group(1);
            if (ipv6 != null && (ipv6.indexOf(':') < 0 || !IpAddress.isLiteral(ipv6))) {
                throw new BadUrl("expected an IPv6 address in the brackets");
            }
            int port = parts.group(3) == null ? USUAL_PORT : Integer.parseInt(parts.group(3));
            if (port < 1 || port > 65_535) {
                throw new BadUrl("expected a port from 1 to 65535");
            }
            return new Udp(ipv6 == null ? parts.group(2) : ipv6, port);
        }

        @Override
        public String toString() {
            return IpAddress.inUrl(host) + ":" + port;
        }
    }
}
