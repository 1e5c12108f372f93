package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Last handler behind the decoder under test. It writes one line for each message that it gets. Adjacent parts of a
 * body become one line, because their borders depend on how the bytes arrived.
 */
final class Transcript extends ChannelInboundHandlerAdapter {
    private final Runnable whenComplete;
    private final List<Object> messages = new ArrayList<>();

    /** @param whenComplete called when the last message of a request or response is passed on */
    Transcript(Runnable whenComplete) {
        this.whenComplete = whenComplete;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        messages.add(message);
        boolean lonelyHead =
                message instanceof RequestHead head && head.framing().isEmpty();
        if (lonelyHead || message instanceof BodyEnd) {
            whenComplete.run();
        }
    }

    /** The lines so far. Releases the bodies, which were kept until now to detect whether anything overwrites them. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (Object message : messages) {
            if (message instanceof ByteBuf bytes) {
                assertThat(bytes.isReadable()).as("an empty part of a body").isTrue();
                body.append(bytes.toString(StandardCharsets.ISO_8859_1));
                bytes.release();
                continue;
            }
            if (!body.isEmpty()) {
                lines.add("body " + body);
                body.setLength(0);
            }
            lines.add(line(message));
        }
        if (!body.isEmpty()) {
            lines.add("body " + body);
        }
        messages.clear();
        return lines;
    }

    /** {@code POST / HTTP/1.1 {Host: h}}, {@code HTTP/1.1 200 OK {A: b}}, {@code end {T: v}} or {@code 400 reason}. */
    static String line(Object message) {
        if (message instanceof RequestHead head) {
            return head.line() + fields(head.fields());
        }
        if (message instanceof ResponseHead head) {
            return head.version().text() + " " + head.status() + " " + head.reason() + fields(head.fields());
        }
        if (message instanceof BodyEnd end) {
            return "end" + fields(end.trailers());
        }
        if (message instanceof MalformedMessage malformed) {
            return malformed.status() + " " + malformed.reason();
        }
        throw new AssertionError("not from a decoder: " + message);
    }

    static String fields(Fields fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.size(); i++) {
            text.append(" {")
                    .append(fields.name(i))
                    .append(": ")
                    .append(fields.value(i))
                    .append('}');
        }
        return text.toString();
    }
}
