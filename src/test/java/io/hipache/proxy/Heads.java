package io.hipache.proxy;

import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseDecoder;
import io.hipache.http.ResponseHead;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

/** Heads as the decoders read them. */
public final class Heads {
    private Heads() {}

    /**
     * The head of a request.
     *
     * @param lines without the blank one; {@code |} stands for a line end
     */
    public static RequestHead request(String lines) {
        return (RequestHead) first(new RequestDecoder(), lines);
    }

    /** The head of a response to a GET. */
    public static ResponseHead response(String lines) {
        return response("GET", lines);
    }

    public static ResponseHead response(String method, String lines) {
        ResponseDecoder decoder = new ResponseDecoder();
        decoder.expect(method.equals("HEAD"));
        return (ResponseHead) first(decoder, lines);
    }

    /** {@code text} with CRLF for each {@code |}. */
    public static String lines(String text) {
        return text.replace("|", "\r\n");
    }

    private static Object first(ChannelHandler decoder, String lines) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.copiedBuffer(lines(lines + "||"), StandardCharsets.ISO_8859_1));
        Object head = channel.readInbound();
        channel.finishAndReleaseAll();
        return head;
    }
}
