package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.Chunks;
import io.hipache.http.FieldLines;
import io.hipache.http.Framing;
import io.hipache.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * Writes the requests of one connection as HTTP/1.1 (RFC 9112), one after the other and without flushing. Confined to the event
 * loop.
 */
final class Http1RequestWriter {
    /** Room for most request heads, in bytes. */
    private static final int TYPICAL_HEAD = 1024;

    private final Channel channel;
    private final BackendPool pool;
    private boolean chunked;

    Http1RequestWriter(Channel channel, BackendPool pool) {
        this.channel = channel;
        this.pool = pool;
    }

    /** Begins a request. */
    void head(UpstreamRequest request) {
        chunked = request.framing().kind() == Framing.Kind.CHUNKED;
        ByteBuf out = channel.alloc().directBuffer(TYPICAL_HEAD);
        try {
            writeHead(request, out);
        } catch (OutOfMemoryError e) {
            out.release();
            throw e;
        }
        write(out);
    }

    private void writeHead(UpstreamRequest request, ByteBuf out) {
        HeadWriter.latin1(out, request.method());
        out.writeByte(' ');
        HeadWriter.latin1(out, request.target());
        HeadWriter.latin1(out, " HTTP/1.1");
        HeadWriter.endLine(out);
        request.writeFields(new FieldLines(out));
        writeConnection(request, out);
        HeadWriter.endLine(out);
    }

    private void writeConnection(UpstreamRequest request, ByteBuf out) {
        String upgrade = request.upgrade();
        if (upgrade != null) {
            HeadWriter.field(out, "Connection", "Upgrade");
            HeadWriter.field(out, "Upgrade", upgrade);
        } else if (request.takesTrailers()) {
            HeadWriter.field(out, "TE", "trailers");
            HeadWriter.field(out, "Connection", pool.keepsConnections() ? "TE" : "close, TE");
        } else if (!pool.keepsConnections()) {
            HeadWriter.field(out, "Connection", "close");
        }
    }

    /** Writes and takes over {@code bytes} of the body. */
    void body(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            // an empty chunk would be the last one
            bytes.release();
        } else if (chunked) {
            Chunks.write(bytes, channel.alloc().directBuffer(Chunks.room(bytes)), this::write);
        } else {
            write(bytes);
        }
    }

    void bodyEnd(BodyEnd end) {
        if (chunked) {
            ByteBuf out = channel.alloc().directBuffer(64);
            HeadWriter.lastChunk(out, end.trailers());
            write(out);
        }
    }

    private void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }
}
