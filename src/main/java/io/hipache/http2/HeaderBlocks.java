package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.hipache.http.Fields;
import io.hipache.http.FieldsBuilder;
import io.hipache.http.KnownField;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.hipache.http.Version;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header blocks of requests and refuses everything that RFC 9113 §8 calls malformed: the request is written
 * to a backend in HTTP/1.1, where it must mean the same thing. One rule is checked by Netty's decoder and not here:
 * pseudo-header fields must precede all others.
 */
final class HeaderBlocks {
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString COOKIE = AsciiString.cached("cookie");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");

    private final FieldsBuilder fields = new FieldsBuilder();
    private @Nullable AsciiString method;
    private @Nullable AsciiString scheme;
    private @Nullable AsciiString authority;
    private @Nullable AsciiString path;
    private @Nullable AsciiString protocol;
    private boolean inFields;
    private boolean hasLength;
    private @Nullable StringBuilder cookies;

    private HeaderBlocks() {}

    /**
     * The head of a request, as HTTP/1.1 would have sent it.
     *
     * @param endStream whether the request has neither body nor trailers
     * @throws MalformedMessage when the block is not that of a request
     */
    static RequestHead request(Http2Headers block, boolean endStream) {
        HeaderBlocks reader = new HeaderBlocks();
        for (Map.Entry<CharSequence, CharSequence> field : block) {
            reader.add(AsciiString.of(field.getKey()), AsciiString.of(field.getValue()));
        }
        return reader.head(endStream);
    }

    /**
     * The end of a request that has trailers.
     *
     * @throws MalformedMessage when a trailer is malformed
     */
    static BodyEnd trailers(Http2Headers block) {
        FieldsBuilder fields = new FieldsBuilder();
        for (Map.Entry<CharSequence, CharSequence> field : block) {
            KnownField known = fields.add(AsciiString.of(field.getKey()), AsciiString.of(field.getValue()));
            requireEndToEnd(known);
        }
        Fields trailers = fields.build();
        return trailers.size() == 0 ? BodyEnd.PLAIN : new BodyEnd(trailers);
    }

    /** What there is of the request line of a request that is refused, for an administrator who wants to see it. */
    static String requestLine(Http2Headers block) {
        CharSequence target = block.path() == null ? block.authority() : block.path();
        StringBuilder line = new StringBuilder();
        for (CharSequence part : Arrays.asList(block.method(), target)) {
            if (part != null) {
                line.append(part).append(' ');
            }
        }
        return line.isEmpty()
                ? ""
                : line.append(Version.HTTP_2_0.text())
                        .substring(0, Math.min(line.length(), RequestDecoder.LONGEST_START_LINE));
    }

    private void add(AsciiString name, AsciiString value) {
        if (!name.isEmpty() && name.byteAt(0) == ':') {
            addPseudo(name, value);
            return;
        }
        if (!inFields) {
            inFields = true;
            addHost();
        }
        addField(name, value);
    }

    private void addPseudo(AsciiString name, AsciiString value) {
        if (inFields) {
            throw MalformedMessage.because("pseudo-header field behind others");
        }
        switch (name.toString()) {
            case ":method" -> method = first(method, value);
            case ":scheme" -> scheme = first(scheme, value);
            case ":authority" -> authority = first(authority, value);
            case ":path" -> path = first(path, value);
            case ":protocol" -> protocol = first(protocol, value);
            default -> throw MalformedMessage.because("unknown pseudo-header field");
        }
    }

    private static AsciiString first(@Nullable AsciiString before, AsciiString value) {
        if (before != null) {
            throw MalformedMessage.because("repeated pseudo-header field");
        }
        return value;
    }

    /** The authority becomes the Host field of HTTP/1.1 (RFC 9113 §8.3.1). */
    private void addHost() {
        if (authority == null) {
            return;
        }
        if (authority.isEmpty() || authority.indexOf('@', 0) >= 0) {
            throw MalformedMessage.because("malformed authority");
        }
        fields.add(HOST, authority);
    }

    private void addField(AsciiString name, AsciiString value) {
        KnownField known = fields.add(name, value);
        requireEndToEnd(known);
        if (known == KnownField.TE && !value.contentEqualsIgnoreCase("trailers")) {
            throw MalformedMessage.because("te other than trailers");
        }
        if (known == KnownField.HOST && authority != null) {
            if (!authority.contentEqualsIgnoreCase(value)) {
                throw MalformedMessage.because("host differs from the authority");
            }
            fields.dropLast();
        }
        hasLength |= known == KnownField.CONTENT_LENGTH;
        if (name.contentEquals(COOKIE)) {
            fields.dropLast();
            addCookie(value);
        }
    }

    /** Fields that concern a connection of HTTP/1.1 are not allowed in HTTP/2 (RFC 9113 §8.2.2). */
    private static void requireEndToEnd(@Nullable KnownField known) {
        if (known == null) {
            return;
        }
        switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE ->
                throw MalformedMessage.because("connection-specific header field");
            default -> {
                // all other fields mean the same in both versions
            }
        }
    }

    /** A client may split its cookies into several fields (RFC 9113 §8.2.3). In HTTP/1.1 they must be one field. */
    private void addCookie(AsciiString cookie) {
        if (cookies == null) {
            cookies = new StringBuilder(cookie);
        } else if (!cookie.isEmpty()) {
            // an empty one would leave white space at an end of the field, which is malformed
            cookies.append(cookies.isEmpty() ? "" : "; ").append(cookie);
        }
    }

    private RequestHead head(boolean endStream) {
        if (!inFields) {
            addHost();
        }
        if (cookies != null) {
            fields.add(COOKIE, new AsciiString(cookies));
        }
        if (!endStream && !hasLength) {
            fields.add(TRANSFER_ENCODING, CHUNKED);
        }
        if (method == null) {
            throw MalformedMessage.because("no method");
        }
        return RequestHead.of(Version.HTTP_2_0, method.toString(), target(method), fields.build());
    }

    private String target(AsciiString verb) {
        boolean connect = verb.contentEquals("CONNECT");
        if (connect && protocol == null) {
            // a plain CONNECT has a method and an authority, and nothing else (RFC 9113 §8.5)
            if (authority == null || scheme != null || path != null) {
                throw MalformedMessage.because("malformed CONNECT");
            }
            return authority.toString();
        }
        if (scheme == null || path == null || (protocol != null && !connect)) {
            throw MalformedMessage.because("missing or misplaced pseudo-header field");
        }
        if (!scheme.contentEqualsIgnoreCase("https") && !scheme.contentEqualsIgnoreCase("http")) {
            throw MalformedMessage.because("unknown scheme");
        }
        boolean asterisk = path.contentEquals("*") && verb.contentEquals("OPTIONS");
        if (!asterisk && (path.isEmpty() || path.byteAt(0) != '/')) {
            throw MalformedMessage.because("malformed path");
        }
        return path.toString();
    }
}
