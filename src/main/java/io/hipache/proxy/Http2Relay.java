package io.hipache.proxy;

import io.hipache.http.BodyEnd;
import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.KnownField;
import io.hipache.http.ResponseHead;
import io.hipache.http2.ResponseBlock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Writes one response to a stream of HTTP/2, which has framing of its own. */
final class Http2Relay implements ResponseRelay {
    private static final int DEBUG_FIELDS = 8;

    private final Http2Client client;
    private final Framing framing;
    private long passedOn;

    private Http2Relay(Http2Client client, Framing framing) {
        this.client = client;
        this.framing = framing;
    }

    /** See {@link Client#begin}. */
    static Http2Relay begin(Http2Client client, ResponseHead response, DebugHeaders debug) {
        ResponseBlock block = block(response, debug.version() == null ? 0 : DEBUG_FIELDS);
        debug.forEach((name, value) -> block.add(AsciiString.cached(name), latin1(value)));
        client.writeHead(block, response.framing().isEmpty());
        return new Http2Relay(client, response.framing());
    }

    /** See {@link Client#interim}. */
    static void interim(Http2Client client, ResponseHead response) {
        client.writeHead(block(response, 0), false);
    }

    @Override
    public void body(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        passedOn += bytes.readableBytes();
        client.write(bytes, isWhole());
    }

    @Override
    public void end(BodyEnd end) {
        if (framing.isEmpty() || isWhole()) {
            // the head or the last bytes have said so
            return;
        }
        ResponseBlock trailers = trailers(end.trailers());
        if (trailers.isEmpty()) {
            client.write(Unpooled.EMPTY_BUFFER, true);
        } else {
            client.writeHead(trailers, true);
        }
    }

    private boolean isWhole() {
        return framing.kind() == Framing.Kind.LENGTH && passedOn == framing.length();
    }

    @Override
    public boolean keepsAlive() {
        return true;
    }

    private static ResponseBlock block(ResponseHead response, int more) {
        Fields fields = response.fields();
        ResponseBlock block = ResponseBlock.head(response.status(), fields.size() + more);
        Set<String> named = ConnectionOptions.namedBy(fields);
        boolean bodiless = ResponseFields.isBodiless(response);
        for (int i = 0; i < fields.size(); i++) {
            // RFC 9113 §8.2.2: there are no transfer codings
            if (fields.known(i) != KnownField.TRANSFER_ENCODING && ResponseFields.goesOn(fields, i, named, bodiless)) {
                block.add(fields.lowerCaseName(i), fields.valueBytes(i));
            }
        }
        return block;
    }

    /** Without the fields that the proxy acts on in a head, as in HTTP/1.1 (RFC 9110 §6.5.1). */
    private static ResponseBlock trailers(Fields fields) {
        ResponseBlock block = ResponseBlock.trailers(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            if (fields.known(i) == null) {
                block.add(fields.lowerCaseName(i), fields.valueBytes(i));
            }
        }
        return block;
    }

    /** One character one byte, as in HTTP/1.1. */
    static AsciiString latin1(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
    }
}
