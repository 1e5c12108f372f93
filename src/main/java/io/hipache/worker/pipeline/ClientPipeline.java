package io.hipache.worker.pipeline;

import io.hipache.proxy.Proxy;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Equips an accepted connection. A connection of a plain listener goes straight to the proxy. A connection of a TLS
 * listener first gets TLS, and {@link ProtocolChoice} gives it to the proxy after the handshake.
 */
public final class ClientPipeline extends ChannelInitializer<Channel> {
    private final Proxy proxy;
    private final @Nullable Function<ByteBufAllocator, ChannelHandler> tls;

    /** @param tls makes the TLS handler of a connection, null for plain HTTP */
    public ClientPipeline(Proxy proxy, @Nullable Function<ByteBufAllocator, ChannelHandler> tls) {
        this.proxy = proxy;
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (tls == null) {
            proxy.serveHttp1(channel, false);
            return;
        }
        channel.pipeline().addLast(new PlainHttpGuard(proxy), tls.apply(channel.alloc()), new ProtocolChoice(proxy));
    }
}
