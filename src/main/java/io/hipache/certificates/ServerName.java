package io.hipache.certificates;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The host name that a TLS client asks for (RFC 6066 section 3), in the form in which certificates are looked up. A client may
 * send any bytes as a name. There is no {@code ServerName}, and so no look-up, for bytes that no certificate could be for.
 *
 * @param name the exact name, in lower case and without a trailing dot
 * @param wildcard the name with its first label replaced by {@code *}, null for a single label
 */
public record ServerName(String name, @Nullable String wildcard) {

    /** RFC 1035 section 2.3.4. */
    private static final int MAX_LENGTH = 253;

    private static final int MAX_LABEL_LENGTH = 63;

    /** Null when the client sent no name, or none of a host: an IP address, an empty label, other bytes. */
    public static @Nullable ServerName of(@Nullable String asked) {
        if (asked == null) {
            return null;
        }
        int end = asked.endsWith(".") ? asked.length() - 1 : asked.length();
        if (end == 0 || end > MAX_LENGTH) {
            return null;
        }
        char[] name = new char[end];
        int labelStart = 0;
        int firstDot = -1;
        boolean letters = false;
        for (int i = 0; i < end; i++) {
            char c = lowerCase(asked.charAt(i));
            if (c == '.') {
                if (!isLabelLength(i - labelStart)) {
                    return null;
                }
                firstDot = firstDot < 0 ? i : firstDot;
                labelStart = i + 1;
                letters = false;
            } else if (isLetter(c)) {
                letters = true;
            } else if (c < '0' || c > '9') {
                return null;
            }
            name[i] = c;
        }
        // an address ends in a number, and no top-level domain does (RFC 1123 section 2.1)
        if (!isLabelLength(end - labelStart) || !letters) {
            return null;
        }
        String exact = new String(name);
        return new ServerName(exact, firstDot < 0 ? null : "*".concat(exact.substring(firstDot)));
    }

    /**
     * A name that a certificate is for, in the form in which it is looked up: a host name or a wildcard of one label, in lower
     * case. Null when the text is neither.
     */
    public static @Nullable String pattern(String written) {
        boolean wildcard = written.startsWith("*.");
        ServerName name = of(wildcard ? written.substring(2) : written);
        if (name == null) {
            return null;
        }
        return wildcard ? "*." + name.name() : name.name();
    }

    /** Written out, see "Records" in CONTRIBUTING.md. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerName that && name.equals(that.name) && Objects.equals(wildcard, that.wildcard);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    private static char lowerCase(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    /** The characters of names, except digits and dots. Underscores are in use, though RFC 952 does not allow them. */
    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    }

    private static boolean isLabelLength(int length) {
        return length > 0 && length <= MAX_LABEL_LENGTH;
    }
}
