package io.hipache.http2;

import io.hipache.fuzz.StrictReader;
import io.hipache.http.BodyEnd;
import io.hipache.http.FieldLines;
import io.hipache.http.Fields;
import io.hipache.http.HeadWriter;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.hipache.proxy.exchange.head.RequestTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A header block of HTTP/2: {@code |} separates fields, and the first {@code =} separates name and value. A block is
 * refused, or it is one request of HTTP/1.1: a strict reader finds the same method, target and fields in what is written of
 * it.
 */
public final class HeaderBlocksFuzz {
    private HeaderBlocksFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Http2Headers block = block(new String(bytes, StandardCharsets.ISO_8859_1));
        checkRequest(block, true);
        checkRequest(block, false);
        checkTrailers(block);
    }

    private static void checkRequest(Http2Headers block, boolean endStream) {
        RequestHead head = request(block, endStream);
        if (head == null || RequestTarget.of(head).problem() != null) {
            // refused here, or with a 400 before a backend is chosen
            return;
        }
        ByteBuf out = Unpooled.buffer();
        HeadWriter.latin1(out, head.method() + " " + head.target() + " HTTP/1.1");
        HeadWriter.endLine(out);
        FieldLines lines = new FieldLines(out);
        List<String> expected = new ArrayList<>();
        Fields fields = head.fields();
        for (int i = 0; i < fields.size(); i++) {
            lines.received(fields, i);
            expected.add(fields.name(i) + ": " + fields.value(i));
        }
        HeadWriter.endLine(out);
        List<StrictReader.Message> read = StrictReader.requests(out.toString(StandardCharsets.ISO_8859_1));
        StrictReader.Message message = read.get(0);
        boolean same = read.size() == 1
                && message.startLine().equals(head.method() + " " + head.target() + " HTTP/1.1")
                && message.fields().equals(expected);
        boolean single =
                message.values("host").size() < 2 && message.values("cookie").size() < 2;
        boolean framed = endStream
                || message.values("transfer-encoding").size()
                                + message.values("content-length").size()
                        == 1;
        if (!same || !single || !framed) {
            throw new AssertionError(head + " is read as " + read);
        }
    }

    private static @Nullable RequestHead request(Http2Headers block, boolean endStream) {
        try {
            return HeaderBlocks.request(block, endStream);
        } catch (MalformedMessage malformed) {
            return null;
        }
    }

    private static void checkTrailers(Http2Headers block) {
        BodyEnd end;
        try {
            end = HeaderBlocks.trailers(block);
        } catch (MalformedMessage malformed) {
            return;
        }
        ByteBuf out = Unpooled.buffer();
        HeadWriter.latin1(out, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        HeadWriter.lastChunk(out, end.trailers());
        List<StrictReader.Message> read = StrictReader.requests(out.toString(StandardCharsets.ISO_8859_1));
        if (read.size() != 1 || !read.get(0).complete()) {
            throw new AssertionError("trailers are read as " + read);
        }
    }

    private static Http2Headers block(String text) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (String field : text.split("\\|", -1)) {
            int equals = Math.max(field.indexOf('='), 0);
            headers.add(
                    new AsciiString(field.substring(0, equals)),
                    new AsciiString(field.substring(Math.min(equals + 1, field.length()))));
        }
        return headers;
    }
}
