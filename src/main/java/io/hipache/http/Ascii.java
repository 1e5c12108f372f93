package io.hipache.http;

/**
 * The byte classes of RFC 9110 §5.6.2 and RFC 9112, and comparison that ignores case. Stateless; any thread may call
 * it.
 */
final class Ascii {
    private static final boolean[] TOKEN = tokenBytes();

    private Ascii() {}

    /** {@code tchar} of RFC 9110 §5.6.2. */
    static boolean isToken(byte b) {
        return b > 0 && TOKEN[b];
    }

    /**
     * A byte that may stand in a field value: HTAB, SP, VCHAR or obs-text (RFC 9110 §5.5). Every other control is
     * refused.
     */
    static boolean isFieldValue(byte b) {
        return b >= 0x20 ? b != 0x7f : (b < 0 || b == '\t');
    }

    /**
     * A byte that may stand in a request target. Real clients send more than RFC 3986 allows: only controls, spaces and
     * {@code #} are refused. A fragment never leaves a client (RFC 9112 §3.2), and one backend would take it for a part
     * of the path and the next one would not.
     */
    static boolean isTarget(byte b) {
        return b > 0x20 ? b != 0x7f && b != '#' : b < 0;
    }

    /** SP or HTAB, the white space of RFC 9110 §5.6.3. */
    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hexDigit(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** Turns {@code A} to {@code Z} into lower case and leaves every other byte as it is. */
    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /**
     * Whether {@code bytes} holds {@code lowerCase} at {@code start}, ignoring case. The caller has compared the
     * lengths.
     */
    static boolean equalsIgnoreCase(byte[] bytes, int start, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            if (lower(bytes[start + i]) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #equalsIgnoreCase(byte[], int, String)}, at about half of the cost. */
    static boolean equalsIgnoreCase(byte[] bytes, int start, byte[] lowerCase) {
        for (int i = 0; i < lowerCase.length; i++) {
            if (lower(bytes[start + i]) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean[] tokenBytes() {
        boolean[] table = new boolean[128];
        for (int c = '0'; c <= '9'; c++) {
            table[c] = true;
        }
        for (int c = 'a'; c <= 'z'; c++) {
            table[c] = true;
            table[c - 32] = true;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            table[c] = true;
        }
        return table;
    }
}
