package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.MalformedMessage;
import io.hipache.http.ResponseDecoder;
import io.hipache.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Last handler of a backend connection: passes what was decoded to the exchange that uses it. */
final class UpstreamHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(UpstreamHandler.class);

    private final UpstreamConnection connection;
    private final ResponseDecoder decoder;
    private @Nullable String fault;

    UpstreamHandler(UpstreamConnection connection, ResponseDecoder decoder) {
        this.connection = connection;
        this.decoder = decoder;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamListener listener = connection.listener();
        if (message instanceof MalformedMessage malformed) {
            connection.lost(malformed.reason());
            connection.close();
        } else if (listener == null) {
            // the exchange has just discarded the connection
            ReferenceCountUtil.release(message);
        } else if (message instanceof ByteBuf bytes) {
            listener.responseBody(bytes);
        } else if (message instanceof ResponseHead head) {
            listener.responseHead(head);
        } else if (message instanceof BodyEnd end) {
            connection.endListening();
            listener.responseEnd(end);
        } else {
            throw new IllegalStateException("not from the decoder: " + message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        UpstreamListener listener = connection.listener();
        if (listener != null) {
            listener.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        UpstreamListener listener = connection.listener();
        if (listener != null) {
            listener.writabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // an end without TLS's goodbye: anybody on the way can have made it (RFC 9112 §9.8)
        if (event instanceof SslCloseCompletionEvent goodbye && !goodbye.isSuccess() && fault == null) {
            fault = "TLS: connection closed without close_notify";
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        UpstreamListener listener = connection.listener();
        // an orderly end is the end of a body that has no other; a reset never is
        if (listener != null && fault == null && decoder.endsWithConnection()) {
            connection.endListening();
            listener.responseEnd(BodyEnd.PLAIN);
        } else {
            connection.lost(fault == null ? "connection closed" : fault);
        }
        connection.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            // a write that failed because of an end that has been told, or will be
            return;
        }
        if (fault == null) {
            fault = ConnectFault.describe(cause);
        }
        if (cause instanceof ChannelOutputShutdownException) {
            // the backend takes no more; it may have answered before, and its end follows
            return;
        }
        if (!(cause instanceof IOException || cause.getCause() instanceof SSLException)) {
            log.error("closing a connection to a backend: unexpected {}", cause.toString(), cause);
        }
        connection.close();
    }
}
