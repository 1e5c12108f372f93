package io.hipache.worker;

import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** TLS towards backends, made for the first {@code https://} one: most workers never load its classes. */
final class LazyBackendTls implements Supplier<SslContext> {
    private @Nullable SslContext context;

    @Override
    public SslContext get() {
        if (context == null) {
            context = TlsContexts.forBackends();
        }
        return context;
    }
}
