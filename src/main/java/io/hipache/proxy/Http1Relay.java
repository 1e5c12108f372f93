package io.hipache.proxy;

import io.hipache.http.BodyEnd;
import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.HeadWriter;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import io.netty.buffer.ByteBuf;
import java.util.Set;

/**
 * Writes one response to a client of HTTP/1.1, with the framing that the client understands: a length stays a length; chunks stay
 * chunks, and what ended with the backend's connection becomes chunks, for a client of HTTP/1.1; for one of HTTP/1.0
 * both end with its connection.
 */
final class Http1Relay implements ResponseRelay {
    /** Room in bytes, so that many a small answer leaves as one buffer. */
    private static final int HEAD_AND_SMALL_BODY = 1024;

    private final ClientConnection client;
    private final Framing.Kind framing;
    private final boolean keepAlive;

    private Http1Relay(ClientConnection client, Framing.Kind framing, boolean keepAlive) {
        this.client = client;
        this.framing = framing;
        this.keepAlive = keepAlive;
    }

    /** See {@link Client#begin}. */
    static Http1Relay begin(
            ClientConnection client,
            RequestHead request,
            ResponseHead response,
            boolean mayKeepAlive,
            DebugHeaders debug) {
        Framing.Kind framing = clientFraming(request, response);
        boolean keepAlive = mayKeepAlive && framing != Framing.Kind.UNTIL_CLOSE;
        ByteBuf out = client.buffer(HEAD_AND_SMALL_BODY);
        writeStatusLine(response, out);
        writeFields(request, response, out);
        if (framing == Framing.Kind.CHUNKED && response.framing().kind() == Framing.Kind.UNTIL_CLOSE) {
            HeadWriter.field(out, "Transfer-Encoding", "chunked");
        }
        writeConnection(request, keepAlive, out);
        debug.write(out);
        HeadWriter.endLine(out);
        client.writeHead(out);
        return new Http1Relay(client, framing, keepAlive);
    }

    /** See {@link Client#interim}. */
    static void interim(ClientConnection client, RequestHead request, ResponseHead response) {
        ByteBuf out = client.buffer(128);
        writeStatusLine(response, out);
        writeFields(request, response, out);
        HeadWriter.endLine(out);
        client.write(out);
    }

    /** See {@link Client#switching}. */
    static void switching(ClientConnection client, RequestHead request, ResponseHead response, DebugHeaders debug) {
        ByteBuf out = client.buffer(512);
        writeStatusLine(response, out);
        writeFields(request, response, out);
        HeadWriter.field(out, "Connection", "Upgrade");
        Fields fields = response.fields();
        int index = fields.indexOf(KnownField.UPGRADE, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.UPGRADE, index + 1)) {
            fields.writeTo(out, index);
        }
        debug.write(out);
        HeadWriter.endLine(out);
        client.write(out);
    }

    @Override
    public void body(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            // an empty chunk would be the last one
            bytes.release();
        } else if (framing == Framing.Kind.CHUNKED) {
            Chunks.write(bytes, client.buffer(Chunks.LINE), client::write);
        } else {
            client.write(bytes);
        }
    }

    @Override
    public void end(BodyEnd end) {
        if (framing == Framing.Kind.CHUNKED) {
            ByteBuf out = client.buffer(64);
            HeadWriter.lastChunk(out, end.trailers());
            client.write(out);
        }
    }

    @Override
    public boolean keepsAlive() {
        return keepAlive;
    }

    private static Framing.Kind clientFraming(RequestHead request, ResponseHead response) {
        Framing.Kind kind = response.framing().kind();
        if (kind == Framing.Kind.CHUNKED || kind == Framing.Kind.UNTIL_CLOSE) {
            return request.version() == Version.HTTP_1_1 ? Framing.Kind.CHUNKED : Framing.Kind.UNTIL_CLOSE;
        }
        return kind;
    }

    private static void writeStatusLine(ResponseHead response, ByteBuf out) {
        HeadWriter.latin1(out, "HTTP/1.1 ");
        HeadWriter.latin1(out, Integer.toString(response.status()));
        out.writeByte(' ');
        HeadWriter.latin1(out, response.reason());
        HeadWriter.endLine(out);
    }

    private static void writeFields(RequestHead request, ResponseHead response, ByteBuf out) {
        Fields fields = response.fields();
        Set<String> named = ConnectionOptions.namedBy(fields);
        boolean bodiless = ResponseFields.isBodiless(response);
        boolean chunks = request.version() == Version.HTTP_1_1;
        for (int i = 0; i < fields.size(); i++) {
            if (ResponseFields.goesOn(fields, i, named, bodiless)
                    && (chunks || fields.known(i) != KnownField.TRANSFER_ENCODING)) {
                fields.writeTo(out, i);
            }
        }
    }

    private static void writeConnection(RequestHead request, boolean keepAlive, ByteBuf out) {
        if (!keepAlive) {
            HeadWriter.field(out, "Connection", "close");
        } else if (request.version() == Version.HTTP_1_0) {
            HeadWriter.field(out, "Connection", "keep-alive");
        }
    }
}
