package io.hipache.supervisor.admin;

import io.hipache.net.LingeringClose;
import io.hipache.supervisor.admin.AdminPages.Page;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;

/** Puts a request and its body together. Says what is wrong where the body is too long, and ends the connection. */
final class BodyLimit extends HttpObjectAggregator {
    private final int most;

    /** @param most bytes of a body */
    BodyLimit(int most) {
        super(most, true);
        this.most = most;
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage request) {
        ctx.writeAndFlush(refusal(request)).addListener(written -> LingeringClose.close(ctx.channel()));
    }

    /** Who asks whether a body may come is refused before it comes. */
    @Override
    protected Object newContinueResponse(HttpMessage start, int maxContentLength, ChannelPipeline pipeline) {
        Object usual = super.newContinueResponse(start, maxContentLength, pipeline);
        if (usual instanceof FullHttpResponse response
                && response.status().equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE)) {
            ReferenceCountUtil.release(usual);
            return refusal(start);
        }
        return usual;
    }

    private FullHttpResponse refusal(HttpMessage message) {
        String target = message instanceof HttpRequest request ? request.uri() : "";
        Page page = Page.error(
                AdminPages.path(target),
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "a body has " + most + " bytes at most");
        FullHttpResponse response = AdminHandler.response(page, false);
        response.headers().set("connection", "close");
        return response;
    }
}
