package io.hipache.routing;

import java.net.IDN;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a frontend that names a backend: {@code http://} or {@code https://}, a host, perhaps a port. Path, query and
 * user info do not matter for where a request goes.
 *
 * @param href the URL as node's {@code url.parse(entry).href} prints it, with two differences. User info is left out, because
 *     logs and debug headers show this text. {@code ;} is written {@code %3B}, because {@code ;} separates the fields of an
 *     announced death.
 */
public record BackendUrl(Backend backend, String href) {

    /** Characters that node escapes in a path or query, besides white space and control characters. */
    private static final String ESCAPED = "\"<>`{}|\\^';";

    /** Scheme, host, and the port where it is not the usual one. */
    public String origin() {
        return href.substring(0, href.indexOf('/', "https://".length()));
    }

    /** Host, and the port where it is not the usual one. */
    public String authority() {
        return origin().substring(origin().indexOf("//") + 2);
    }

    /** Null for an entry that is not a usable URL. */
    public static @Nullable BackendUrl parse(String entry) {
        String url = entry.trim();
        boolean tls = url.regionMatches(true, 0, "https://", 0, 8);
        if (!tls && !url.regionMatches(true, 0, "http://", 0, 7)) {
            return null;
        }
        int start = tls ? 8 : 7;
        int end = endOfAuthority(url, start);
        int hostStart = url.lastIndexOf('@', end - 1) + 1;
        if (hostStart < start) {
            hostStart = start;
        }
        int hostEnd = endOfHost(url, hostStart, end);
        int port = hostEnd < 0 ? -1 : port(url, hostEnd, end, tls ? 443 : 80);
        String host = port < 0 ? null : host(url, hostStart, hostEnd);
        if (host == null) {
            return null;
        }
        boolean bracketed = url.charAt(hostStart) == '[';
        Backend backend = new Backend(tls, bracketed ? host.substring(1, host.length() - 1) : host, port);
        return new BackendUrl(backend, href(url, tls, host, hostEnd, end));
    }

    /**
     * The URL to announce: the entry as it is stored, or {@link #href} when subscribers could not read the entry. They could not
     * when it has a {@code ;}, which separates the fields, or a character that no URL has.
     */
    String announcedAs(String entry) {
        for (int i = 0; i < entry.length(); i++) {
            char c = entry.charAt(i);
            if (c == ';' || c < ' ' || c > '~') {
                return href;
            }
        }
        return entry;
    }

    private static int endOfAuthority(String url, int start) {
        int i = start;
        while (i < url.length() && "/?#\\".indexOf(url.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    private static int endOfHost(String url, int start, int end) {
        int search = start;
        if (start < end && url.charAt(start) == '[') {
            search = url.indexOf(']', start);
            if (search < 0 || search >= end) {
                return -1;
            }
        }
        int colon = url.indexOf(':', search);
        return colon < 0 || colon > end ? end : colon;
    }

    /** The port of {@code :80}; the usual one when there is only {@code :} or nothing; negative when the text is no port. */
    private static int port(String url, int colon, int end, int usual) {
        if (end - colon <= 1) {
            return usual;
        }
        int port = 0;
        for (int i = colon + 1; i < end; i++) {
            char c = url.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = port * 10 + c - '0';
            if (port > 65535) {
                return -1;
            }
        }
        return port == 0 ? -1 : port;
    }

    /** The host in lower case, with the brackets of an IPv6 address. Null when the text is no host. */
    private static @Nullable String host(String url, int start, int end) {
        if (start == end) {
            return null;
        }
        String host = url.substring(start, end);
        boolean bracketed = host.charAt(0) == '[';
        if (bracketed && (host.length() < 4 || host.charAt(host.length() - 1) != ']')) {
            return null;
        }
        boolean ascii = true;
        for (int i = bracketed ? 1 : 0; i < host.length() - (bracketed ? 1 : 0); i++) {
            char c = host.charAt(i);
            if (c > 127 && !bracketed) {
                ascii = false;
            } else if (bracketed ? !isAddressCharacter(c) : !isNameCharacter(c)) {
                return null;
            }
        }
        return ascii ? host.toLowerCase(Locale.ROOT) : punycode(host);
    }

    private static boolean isAddressCharacter(char c) {
        return (c < 128 && Character.digit(c, 16) >= 0) || c == ':' || c == '.';
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_';
    }

    /** Null when there is no such name. Some letters become a space or a slash, with which the URL would be another one. */
    private static @Nullable String punycode(String host) {
        String name;
        try {
            name = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null;
        }
        return name.isEmpty() || !name.chars().allMatch(c -> isNameCharacter((char) c)) ? null : name;
    }

    private static String href(String url, boolean tls, String host, int hostEnd, int end) {
        StringBuilder href = new StringBuilder(url.length() + 1);
        href.append(tls ? "https://" : "http://").append(host);
        if (end - hostEnd > 1) {
            href.append(url, hostEnd, end);
        }
        if (end == url.length() || (url.charAt(end) != '/' && url.charAt(end) != '\\')) {
            href.append('/');
        }
        boolean path = true;
        for (int i = end; i < url.length(); i++) {
            char c = url.charAt(i);
            path &= c != '?' && c != '#';
            if (c == '\\' && path) {
                href.append('/');
            } else if (c <= ' ' || c == 127 || ESCAPED.indexOf(c) >= 0) {
                href.append('%').append(hex(c >> 4)).append(hex(c & 15));
            } else {
                href.append(c);
            }
        }
        return href.toString();
    }

    private static char hex(int digit) {
        return Character.toUpperCase(Character.forDigit(digit, 16));
    }
}
