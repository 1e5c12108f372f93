package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.routing.Driver;
import io.hipache.routing.Router;
import io.hipache.upstream.UpstreamPool;
import java.util.function.Consumer;

/** What all exchanges of a worker share. */
public record ProxyServices(
        Router router,
        Driver driver,
        UpstreamPool upstreams,
        ErrorPages pages,
        Consumer<AccessLogEntry> accessLog,
        ProxySettings settings) {}
