package io.hipache.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The names of all fields that the proxy acts on. A name is recognised once, while its head is parsed. */
public enum KnownField {
    HOST("host"),
    CONNECTION("connection"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    TRANSFER_ENCODING("transfer-encoding"),
    CONTENT_LENGTH("content-length"),
    TE("te"),
    TRAILER("trailer"),
    MAX_FORWARDS("max-forwards"),
    UPGRADE("upgrade"),
    EXPECT("expect"),
    X_FORWARDED_FOR("x-forwarded-for"),
    X_FORWARDED_PROTO("x-forwarded-proto"),
    X_FORWARDED_PROTOCOL("x-forwarded-protocol"),
    X_FORWARDED_PORT("x-forwarded-port"),
    X_REAL_IP("x-real-ip"),
    X_REQUEST_ID("x-request-id"),
    TRACEPARENT("traceparent"),
    TRACESTATE("tracestate"),
    /**
     * Any other name with which the origin of a request can be claimed, and any other spelling of those above, see {@link
     * OriginNames}. It has no text.
     */
    OTHER_ORIGIN(""),
    /**
     * {@code Content_Length}, {@code Transfer_Encoding} and the like, which a CGI program cannot tell from the fields that say
     * where a message ends. It has no text.
     */
    OTHER_FRAMING(""),
    VIA("via"),
    AUTHORIZATION("authorization"),
    PROXY_AUTHORIZATION("proxy-authorization"),
    WWW_AUTHENTICATE("www-authenticate"),
    PROXY_AUTHENTICATE("proxy-authenticate"),
    AUTHENTICATION_INFO("authentication-info"),
    PROXY_AUTHENTICATION_INFO("proxy-authentication-info"),
    X_DEBUG("x-debug"),
    REFERER("referer"),
    USER_AGENT("user-agent"),
    RETRY_AFTER("retry-after"),
    SEC_WEBSOCKET_KEY("sec-websocket-key"),
    SEC_WEBSOCKET_VERSION("sec-websocket-version"),
    SEC_WEBSOCKET_PROTOCOL("sec-websocket-protocol"),
    SEC_WEBSOCKET_EXTENSIONS("sec-websocket-extensions");

    private static final KnownField[][] BY_LENGTH = byLength();

    private final String text;
    /** The same as bytes, which compare faster. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to them
    private final byte[] bytes;

    KnownField(String text) {
        this.text = text;
        this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The name in lower case. */
    public String text() {
        return text;
    }

    /** The field with this name, ignoring case, or null when the proxy does not know the name. */
    static @Nullable KnownField of(byte[] bytes, int start, int end) {
        int length = end - start;
        if (length < BY_LENGTH.length) {
            for (KnownField candidate : BY_LENGTH[length]) {
                if (Ascii.equalsIgnoreCase(bytes, start, candidate.bytes)) {
                    return candidate;
                }
            }
        }
        if (OriginNames.isFraming(bytes, start, end)) {
            return OTHER_FRAMING;
        }
        return OriginNames.contain(bytes, start, end) ? OTHER_ORIGIN : null;
    }

    /** A bit of its own. There are fewer than 64 constants, and nothing keeps the bits. */
    @SuppressWarnings("EnumOrdinal")
    long bit() {
        return 1L << ordinal();
    }

    private static KnownField[][] byLength() {
        int longest = 0;
        for (KnownField field : values()) {
            longest = Math.max(longest, field.text.length());
        }
        KnownField[][] table = new KnownField[longest + 1][];
        for (int length = 0; length <= longest; length++) {
            int wanted = length;
            table[length] = Arrays.stream(values())
                    .filter(field -> !field.text.isEmpty() && field.text.length() == wanted)
                    .toArray(KnownField[]::new);
        }
        return table;
    }
}
