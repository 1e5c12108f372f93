package io.hipache.proxy.http2;

import io.hipache.http.BodyEnd;
import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.ResponseHead;
import io.hipache.http.Trailers;
import io.hipache.http.Version;
import io.hipache.http2.ClientStream;
import io.hipache.http2.ResponseBlock;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ResponseFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** Writes the response of one stream of HTTP/2, which has framing of its own. Confined to the event loop. */
final class Http2ResponseWriter {
    /** Every frame begins with its length, type, flags and stream (RFC 9113 §4.1). */
    private static final int FRAME_HEAD = 9;

    private static final int PAGE_FIELDS = 5;

    private final ClientStream stream;
    private Framing framing = Framing.NONE;
    private long passedOn;
    private long bytesWritten;
    private long bodyBytesWritten;

    Http2ResponseWriter(ClientStream stream) {
        this.stream = stream;
    }

    /** See {@link io.hipache.proxy.exchange.Client#responseHead}. */
    void begin(ResponseHead response, AddedHeaders added) {
        framing = response.framing();
        writeHead(block(response, added), framing.isEmpty());
    }

    /** Writes and takes over {@code bytes} of the body. */
    void body(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        passedOn += bytes.readableBytes();
        write(bytes, isWhole());
    }

    /** The response is complete. */
    void end(BodyEnd end) {
        if (framing.isEmpty() || isWhole()) {
            // the head or the last bytes have said so
            return;
        }
        ResponseBlock trailers = ResponseBlock.trailers(end.trailers().size());
        Trailers.write(end.trailers(), new BlockFields(trailers));
        if (trailers.isEmpty()) {
            write(Unpooled.EMPTY_BUFFER, true);
        } else {
            writeHead(trailers, true);
        }
    }

    private boolean isWhole() {
        return framing.kind() == Framing.Kind.LENGTH && passedOn == framing.length();
    }

    /** See {@link io.hipache.proxy.exchange.Client#interim}. */
    void interim(ResponseHead response) {
        writeHead(block(response, AddedHeaders.NONE), false);
    }

    /** See {@link io.hipache.proxy.exchange.Client#page}. */
    void page(boolean toHead, int status, ErrorPages.Page page, AddedHeaders added) {
        ResponseBlock block = ResponseBlock.head(status, PAGE_FIELDS);
        FieldSink fields = new BlockFields(block);
        page.forEachField(fields::made);
        added.forEach(fields::made);
        boolean headOnly = toHead || page.bytes().length == 0;
        writeHead(block, headOnly);
        if (!headOnly) {
            // shared by all requests, and nobody writes to what is sent
            write(Unpooled.wrappedBuffer(page.bytes()).asReadOnly(), true);
        }
        stream.flush();
    }

    /** Frames with their heads; header blocks count as if nothing compressed them. */
    long bytesWritten() {
        return bytesWritten;
    }

    long bodyBytesWritten() {
        return bodyBytesWritten;
    }

    private void writeHead(ResponseBlock block, boolean end) {
        bytesWritten += block.length() + FRAME_HEAD;
        stream.writeHead(block, end);
    }

    private void write(ByteBuf bytes, boolean end) {
        bytesWritten += bytes.readableBytes() + FRAME_HEAD;
        bodyBytesWritten += bytes.readableBytes();
        stream.write(bytes, end);
    }

    private static ResponseBlock block(ResponseHead response, AddedHeaders added) {
        int more = added.isEmpty() ? 0 : AddedHeaders.MOST;
        ResponseBlock block =
                ResponseBlock.head(response.status(), response.fields().size() + more);
        // RFC 9113 §8.2.2: there are no transfer codings
        ResponseFields.write(response, Version.HTTP_2_0, added, new BlockFields(block));
        return block;
    }

    /** Writes fields into a header block, names in lower case (RFC 9113 §8.2). */
    private record BlockFields(ResponseBlock block) implements FieldSink {

        @Override
        public void received(Fields fields, int index) {
            block.add(fields.lowerCaseName(index), fields.valueBytes(index));
        }

        /** One character one byte, as in HTTP/1.1. */
        @Override
        public void made(String name, String value) {
            AsciiString bytes = new AsciiString(value.getBytes(StandardCharsets.ISO_8859_1), false);
            block.add(AsciiString.cached(name), bytes);
        }
    }
}
