package io.hipache.proxy.http1;

import io.hipache.http.BodyEnd;
import io.hipache.http.Chunks;
import io.hipache.http.FieldLines;
import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.HeadWriter;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ResponseFields;
import io.netty.buffer.ByteBuf;

/**
 * Writes the responses for a client of HTTP/1.1 or 1.0, one after the other, with the framing that the client understands. A
 * length stays a length. For a client of HTTP/1.1, chunks stay chunks, and a body that ended with the backend's connection
 * becomes chunks. For a client of HTTP/1.0, both end with its connection. Confined to the event loop.
 */
final class Http1ResponseWriter {
    /** Room in bytes, so that many a small answer leaves as one buffer. */
    private static final int HEAD_AND_SMALL_BODY = 1024;

    private final ClientOutput out;
    /** Of the response that is being written. */
    private Framing.Kind framing = Framing.Kind.NONE;

    private long bodyBytesWritten;

    Http1ResponseWriter(ClientOutput out) {
        this.out = out;
    }

    /** See {@link io.hipache.proxy.exchange.Client#responseHead}. */
    boolean begin(RequestHead request, ResponseHead response, boolean mayKeepAlive, AddedHeaders added) {
        framing = clientFraming(request, response);
        boolean keepAlive = mayKeepAlive && framing != Framing.Kind.UNTIL_CLOSE;
        ByteBuf head = out.buffer(HEAD_AND_SMALL_BODY);
        writeStatusLine(response, head);
        writeFields(request, response, added, head);
        if (framing == Framing.Kind.CHUNKED && response.framing().kind() == Framing.Kind.UNTIL_CLOSE) {
            HeadWriter.field(head, "Transfer-Encoding", "chunked");
        }
        writeConnection(request, response, keepAlive, head);
        HeadWriter.endLine(head);
        out.writeHead(head);
        return keepAlive;
    }

    /** Writes and takes over {@code bytes} of the body. */
    void body(ByteBuf bytes) {
        bodyBytesWritten += bytes.readableBytes();
        if (!bytes.isReadable()) {
            // an empty chunk would be the last one
            bytes.release();
        } else if (framing == Framing.Kind.CHUNKED) {
            Chunks.write(bytes, out.buffer(Chunks.room(bytes)), out::write);
        } else {
            out.write(bytes);
        }
    }

    /** Bytes of all bodies so far, without chunks. */
    long bodyBytesWritten() {
        return bodyBytesWritten;
    }

    /** Whether only the end of the connection will tell that the response is complete. */
    boolean endsWithConnection() {
        return framing == Framing.Kind.UNTIL_CLOSE;
    }

    /** The response is complete. */
    void end(BodyEnd end) {
        if (framing == Framing.Kind.CHUNKED) {
            ByteBuf last = out.buffer(64);
            HeadWriter.lastChunk(last, end.trailers());
            out.write(last);
        }
    }

    /** See {@link io.hipache.proxy.exchange.Client#interim}. */
    void interim(RequestHead request, ResponseHead response) {
        ByteBuf head = out.buffer(128);
        writeStatusLine(response, head);
        writeFields(request, response, AddedHeaders.NONE, head);
        HeadWriter.endLine(head);
        out.write(head);
    }

    /** Writes the head of a {@code 101}: what follows is a tunnel's. */
    void switching(RequestHead request, ResponseHead response, AddedHeaders added) {
        ByteBuf head = out.buffer(512);
        writeStatusLine(response, head);
        writeFields(request, response, added, head);
        HeadWriter.field(head, "Connection", "Upgrade");
        Fields fields = response.fields();
        int index = fields.indexOf(KnownField.UPGRADE, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.UPGRADE, index + 1)) {
            fields.writeTo(head, index);
        }
        HeadWriter.endLine(head);
        out.write(head);
    }

    /** See {@link io.hipache.proxy.exchange.Client#page}. */
    void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, AddedHeaders added) {
        ByteBuf whole = out.buffer(512 + page.bytes().length);
        HeadWriter.latin1(whole, "HTTP/1.1 " + status + ' ' + reasonPhrase(status));
        HeadWriter.endLine(whole);
        page.forEachField((name, value) -> HeadWriter.field(whole, name, value));
        // written in both cases, for HTTP/1.0 takes neither for granted
        HeadWriter.field(whole, "connection", keepAlive ? "keep-alive" : "close");
        added.forEach((name, value) -> HeadWriter.field(whole, name, value));
        HeadWriter.endLine(whole);
        if (!toHead) {
            whole.writeBytes(page.bytes());
            bodyBytesWritten += page.bytes().length;
        }
        out.write(whole);
        out.flush();
    }

    private static Framing.Kind clientFraming(RequestHead request, ResponseHead response) {
        Framing.Kind kind = response.framing().kind();
        if (kind == Framing.Kind.CHUNKED || kind == Framing.Kind.UNTIL_CLOSE) {
            return knowsChunks(request) ? Framing.Kind.CHUNKED : Framing.Kind.UNTIL_CLOSE;
        }
        return kind;
    }

    private static boolean knowsChunks(RequestHead request) {
        return request.version() == Version.HTTP_1_1;
    }

    private static void writeStatusLine(ResponseHead response, ByteBuf head) {
        HeadWriter.latin1(head, "HTTP/1.1 ");
        HeadWriter.status(head, response.status());
        head.writeByte(' ');
        HeadWriter.latin1(head, response.reason());
        HeadWriter.endLine(head);
    }

    private static void writeFields(RequestHead request, ResponseHead response, AddedHeaders added, ByteBuf head) {
        ResponseFields.write(response, request.version(), added, new FieldLines(head));
    }

    private static void writeConnection(RequestHead request, ResponseHead response, boolean keepAlive, ByteBuf head) {
        if (ResponseFields.namesUpgrade(response) && request.version() == Version.HTTP_1_1) {
            HeadWriter.field(head, "Connection", keepAlive ? "Upgrade" : "close, Upgrade");
        } else if (!keepAlive) {
            HeadWriter.field(head, "Connection", "close");
        } else if (request.version() == Version.HTTP_1_0) {
            HeadWriter.field(head, "Connection", "keep-alive");
        }
    }

    /** The reason phrases of the answers that the proxy makes itself (RFC 9110 §15). */
    private static String reasonPhrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Error";
        };
    }
}
