package io.hipache.figures;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;

/** What was counted of the requests for one host. Not for several threads at a time. */
public final class HostCounts {
    private final EnumCounts<StatusClass> statuses = new EnumCounts<>(StatusClass.class);
    private final EnumCounts<EndReason> reasons = new EnumCounts<>(EndReason.class);
    private final Histogram times = new Histogram();
    private long bytesReceived;
    private long bytesSent;
    private long retries;

    void count(ExchangeEnd end) {
        statuses.add(StatusClass.of(end.status()), 1);
        reasons.add(end.reason(), 1);
        bytesReceived += end.bytesReceived();
        bytesSent += end.bytes();
        retries += Math.max(0, end.attempts().size() - 1);
        if (end.reason() != EndReason.TUNNEL_CLOSED) {
            times.count(end.totalNanos());
        }
    }

    public long requests() {
        return statuses.total();
    }

    public long requests(StatusClass status) {
        return statuses.get(status);
    }

    public long requests(EndReason reason) {
        return reasons.get(reason);
    }

    /** How long the requests took, without tunnels. */
    public Histogram times() {
        return times;
    }

    public long bytesReceived() {
        return bytesReceived;
    }

    public long bytesSent() {
        return bytesSent;
    }

    /** Attempts behind the first one of each request. */
    public long retries() {
        return retries;
    }

    void add(HostCounts more) {
        statuses.add(more.statuses);
        reasons.add(more.reasons);
        times.add(more.times);
        bytesReceived = Sums.of(bytesReceived, more.bytesReceived);
        bytesSent = Sums.of(bytesSent, more.bytesSent);
        retries = Sums.of(retries, more.retries);
    }

    void clear() {
        statuses.clear();
        reasons.clear();
        times.clear();
        bytesReceived = 0;
        bytesSent = 0;
        retries = 0;
    }

    void write(FigureWriter out) {
        statuses.write(out);
        reasons.write(out);
        times.write(out);
        out.number(bytesReceived);
        out.number(bytesSent);
        out.number(retries);
    }

    void read(FigureReader in) throws MalformedFiguresException {
        statuses.read(in);
        reasons.read(in);
        times.read(in);
        bytesReceived = Sums.of(bytesReceived, in.number());
        bytesSent = Sums.of(bytesSent, in.number());
        retries = Sums.of(retries, in.number());
    }
}
