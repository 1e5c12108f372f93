package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes a connection, sends nothing, and writes down what it is told. */
final class RecordingAcquirer
        implements Acquisition.Acquirer, UpstreamExchange.HeadListener, UpstreamExchange.BodyListener {
    final List<String> events = new ArrayList<>();

    @Nullable
    Http1UpstreamConnection connection;

    @Nullable
    UpstreamFailure failure;
    /** Whether it gives its connection back at the end of the response, in the same call. */
    boolean givesBack;
    /** What it does with a head besides. */
    Runnable whenHead = () -> {};
    /** What it does when another backend has a socket free. */
    Runnable whenFreeElsewhere = () -> {};

    Http1UpstreamConnection connection() {
        if (connection == null) {
            throw new AssertionError("has no connection");
        }
        return connection;
    }

    @Override
    public void acquired(UpstreamExchange upstream, long connectNanos) {
        connection = (Http1UpstreamConnection) upstream;
    }

    @Override
    public void notAcquired(UpstreamFailure why) {
        failure = why;
    }

    @Override
    public void freeElsewhere() {
        events.add("free elsewhere");
        whenFreeElsewhere.run();
    }

    @Override
    public void interim(ResponseHead head) {
        events.add("head " + head.status());
        whenHead.run();
    }

    @Override
    public void responseHead(ResponseHead head) {
        events.add("head " + head.status());
        connection().relayTo(this);
        whenHead.run();
    }

    @Override
    public void switched(ResponseHead head, UpgradedConnection upgraded) {
        events.add("head " + head.status());
        whenHead.run();
    }

    @Override
    public void responseBody(ByteBuf bytes) {
        events.add("body " + bytes.toString(StandardCharsets.ISO_8859_1));
        bytes.release();
    }

    @Override
    public void responseEnd(BodyEnd end) {
        events.add("end");
        if (givesBack) {
            connection().giveBack();
        }
    }

    @Override
    public void readComplete() {}

    @Override
    public void writabilityChanged() {
        events.add("writability");
    }

    @Override
    public void failed(UpstreamFailure why) {
        failure = why;
    }
}
