package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.upstream.Connector;
import io.hipache.upstream.UpstreamPool;
import io.hipache.worker.tls.LazyTls;
import io.netty.channel.EventLoop;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What a proxy is built on, the same for all configurations of a worker.
 *
 * @param version of this program, shown in debug headers
 * @param ends takes the end of every request, on the event loop
 * @param deaths takes the dead host and the entry of each backend that dies while the store is away
 * @param marks takes what became of each backend that should be marked dead, on the event loop
 */
record ProxyParts(
        EventLoop loop,
        Connector connector,
        UpstreamPool upstreams,
        LazyTls tls,
        Admission admission,
        Consumer<ExchangeEnd> ends,
        BiConsumer<String, String> deaths,
        BiConsumer<DeadBackend, Marking> marks,
        String version) {}
