package io.hipache.upstream;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.http.ResponseDecoder;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Backend;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Stands in for {@link Connector}: each connection that is asked for waits until the test says what becomes of it. */
public final class InMemoryBackends implements BackendPool.Opener {
    private record Opening(Backend backend, BackendPool pool, Connector.Callback callback) {}

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
        return pool(loop, settings, new Admission(AdmissionLimits.NONE));
    }

    public UpstreamPool pool(EventLoop loop, UpstreamSettings settings, Admission admission) {
        return new UpstreamPool(loop, this, settings, admission);
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
        Http1UpstreamConnection connection = new Http1UpstreamConnection(channel, decoder, opening.pool());
        channel.pipeline().addLast(decoder, connection);
        connection.established();
        opening.callback().connected(connection);
        return channel;
    }

    /** Refuses the connection that was asked for first. */
    public void refuse() {
        fail(new UpstreamFailure.NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED"));
    }

    /** Ends the connection that was asked for first before it comes about. */
    public void fail(UpstreamFailure failure) {
        openings.remove().callback().notConnected(failure);
    }

    /** From now on connections are refused before the call that asks for them returns. */
    public void refuseAtOnce() {
        refusing = true;
    }

    /** What a new connection to a backend sends for {@code request}. */
    public String sent(UpstreamRequest request, boolean keepAlive) {
        BackendPool pool = new BackendPool(
                new Backend(false, "127.0.0.1", 80),
                new UpstreamSettings(1, keepAlive, Duration.ZERO),
                new Admission(AdmissionLimits.NONE),
                this,
                empty -> {});
        RecordingAcquirer acquirer = new RecordingAcquirer();
        pool.acquire(new Acquisition(acquirer, false, false, Long.MAX_VALUE / 2));
        InMemoryChannel channel = accept();
        acquirer.connection().send(request, acquirer);
        acquirer.connection().flush();
        String sent = channel.sent();
        channel.finishAndReleaseAll();
        return sent;
    }

    @Override
    public void open(Backend backend, BackendPool pool, Connector.Callback callback) {
        if (refusing) {
            callback.notConnected(new UpstreamFailure.NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED"));
        } else {
            openings.add(new Opening(backend, pool, callback));
        }
    }
}
