package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import io.hipache.routing.Backend;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Deque;

/** Stands in for {@link Connector}: each connection that is asked for waits until the test says what becomes of it. */
public final class InMemoryBackends implements Opener {
    private record Opening(Backend backend, BackendPool pool, Connector.Outcome outcome) {}

    private final ByteBufAllocator memory;
    private final Ticker ticker;
    private final Deque<Opening> openings = new ArrayDeque<>();
    private boolean refusing;

    public InMemoryBackends(ByteBufAllocator memory) {
        this(memory, Ticker.systemTicker());
    }

    /** @param ticker the time of the connections' event loops */
    public InMemoryBackends(ByteBufAllocator memory, Ticker ticker) {
        this.memory = memory;
        this.ticker = ticker;
    }

    public UpstreamPool pool(EventLoop loop, UpstreamSettings settings) {
        return new UpstreamPool(loop, this, settings);
    }

    /** Connections asked for and neither accepted nor refused. */
    public int connecting() {
        return openings.size();
    }

    /** The backend that the next connection is for. */
    public Backend next() {
        return openings.element().backend();
    }

    /** Lets the connection that was asked for first come about. */
    public InMemoryChannel accept() {
        Opening opening = openings.remove();
        InMemoryChannel channel = new InMemoryChannel(memory, NetUtil.LOCALHOST4, ticker);
        ResponseDecoder decoder = new ResponseDecoder();
        UpstreamConnection connection = new UpstreamConnection(channel, decoder, opening.pool());
        channel.pipeline().addLast(decoder, new UpstreamHandler(connection, decoder));
        connection.established();
        opening.outcome().connected(connection);
        return channel;
    }

    /** Refuses the connection that was asked for first. */
    public void refuse() {
        openings.remove().outcome().notConnected(new UpstreamFailure.NotConnected("ECONNREFUSED"));
    }

    /** From now on connections are refused before the call that asks for them returns. */
    public void refuseAtOnce() {
        refusing = true;
    }

    @Override
    public void open(Backend backend, BackendPool pool, Connector.Outcome outcome) {
        if (refusing) {
            outcome.notConnected(new UpstreamFailure.NotConnected("ECONNREFUSED"));
        } else {
            openings.add(new Opening(backend, pool, outcome));
        }
    }
}
