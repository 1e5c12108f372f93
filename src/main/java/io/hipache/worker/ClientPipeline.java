package io.hipache.worker;

import io.hipache.proxy.Proxy;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Equips an accepted connection: TLS where its listener speaks it, then the proxy. */
final class ClientPipeline extends ChannelInitializer<Channel> {
    private static final long HANDSHAKE_SECONDS = 10;

    private final Proxy proxy;
    private final @Nullable SslContext tls;

    /** @param tls null for plain HTTP */
    ClientPipeline(Proxy proxy, @Nullable SslContext tls) {
        this.proxy = proxy;
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (tls != null) {
            var handler = tls.newHandler(channel.alloc());
            handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
            channel.pipeline().addLast(handler);
        }
        proxy.serve(channel, tls != null);
    }
}
