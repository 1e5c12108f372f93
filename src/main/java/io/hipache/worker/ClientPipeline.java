package io.hipache.worker;

import io.hipache.proxy.Proxy;
import io.hipache.tls.ClientTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import org.jspecify.annotations.Nullable;

/** Equips an accepted connection: TLS where its listener speaks it, then the proxy. */
final class ClientPipeline extends ChannelInitializer<Channel> {
    private final Proxy proxy;
    private final @Nullable ClientTls tls;

    /** @param tls null for plain HTTP */
    ClientPipeline(Proxy proxy, @Nullable ClientTls tls) {
        this.proxy = proxy;
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (tls == null) {
            proxy.serve(channel, false);
            return;
        }
        channel.pipeline()
                .addLast(new PlainHttpGuard(proxy), tls.newHandler(channel.alloc()), new ProtocolChoice(proxy));
    }
}
