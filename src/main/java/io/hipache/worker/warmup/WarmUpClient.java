package io.hipache.worker.warmup;

import io.hipache.http.BodyEnd;
import io.hipache.http.ResponseDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/** A client of a {@link WarmUp}. It sends a request when asked to, and reports when the response is complete. */
final class WarmUpClient extends ChannelInboundHandlerAdapter {
    private static final String HEAD =
            """
            %s /path/to/a/page?query=of%%20it HTTP/1.1
            Host: www.warm.up
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
            Accept-Language: en-GB,en;q=0.5
            Accept-Encoding: gzip, deflate, br
            Referer: http://www.warm.up/
            Cookie: session=0123456789abcdef0123456789abcdef; seen=1
            Connection: keep-alive
            """;

    private static final String GET = request("GET", "\n");
    private static final String POST = request("POST", "Content-Length: 16\n\n0123456789abcdef");

    private final Channel channel;
    private final ResponseDecoder decoder = new ResponseDecoder();
    private final Consumer<WarmUpClient> ready;
    private int sent;

    /** @param ready called when the connection is open, and after each complete response */
    WarmUpClient(Channel channel, Consumer<WarmUpClient> ready) {
        this.channel = channel;
        this.ready = ready;
        channel.pipeline().addLast(decoder, this);
    }

    void send() {
        decoder.expect(false);
        String request = ++sent % WarmUp.REQUESTS_PER_CONNECTION == 0 ? POST : GET;
        ByteBuf bytes = channel.alloc().directBuffer(request.length());
        ByteBufUtil.writeAscii(bytes, request);
        channel.writeAndFlush(bytes);
    }

    /** How many requests were sent over this connection. */
    int sent() {
        return sent;
    }

    void close() {
        channel.close();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ready.accept(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytes.release();
        } else if (message instanceof BodyEnd) {
            ready.accept(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static String request(String method, String end) {
        return (HEAD.formatted(method) + end).replace("\n", "\r\n");
    }
}
