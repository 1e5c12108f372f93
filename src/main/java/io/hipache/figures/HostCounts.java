package io.hipache.figures;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;

/** What was counted of the requests for one host. Not for several threads at a time. */
public final class HostCounts implements Counts<HostCounts> {
    /** How many backends of a host have counts of their own. */
    public static final int BACKENDS = 10;

    /** The status of a request whose client left before the head of an answer. */
    private static final int CLIENT_LEFT = 499;

    private final EnumCounts<StatusClass> statuses = new EnumCounts<>(StatusClass.class);
    private final EnumCounts<EndReason> reasons = new EnumCounts<>(EndReason.class);
    private final Histogram times = new Histogram();
    private final CountTable<BackendCounts> backends;
    private long bytesReceived;
    private long bytesSent;
    private long retries;

    private HostCounts(int backends) {
        this.backends = new CountTable<>(backends, BackendCounts::new, BackendCounts::new);
    }

    /** Of one host. */
    static HostCounts ofHost() {
        return new HostCounts(BACKENDS);
    }

    /** Of many hosts together: no backend has counts of its own. */
    static HostCounts ofMany() {
        return new HostCounts(0);
    }

    void count(ExchangeEnd end) {
        statuses.add(StatusClass.of(end.status()), 1);
        reasons.add(end.reason(), 1);
        bytesReceived += end.bytesReceived();
        bytesSent += end.bytes();
        retries += Math.max(0, end.attempts().size() - 1);
        if (end.reason() != EndReason.TUNNEL_CLOSED) {
            times.count(end.totalNanos());
        }
        countBackends(end);
    }

    private void countBackends(ExchangeEnd end) {
        BackendCounts last = backends.others();
        for (int i = 0; i < end.attempts().size(); i++) {
            AttemptOutcome attempt = end.attempts().get(i);
            long weight = BackendCounts.weight(attempt);
            last = backends.of(attempt.backendUrl(), weight);
            last.count(attempt, weight, Failure.isOne(end, i));
        }
        if (end.reason() == EndReason.CLIENT_GONE && end.status() == CLIENT_LEFT) {
            last.countDeparture(end.totalNanos());
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

    /**
     * The backends of the host on which its requests waited the longest, all attempts together. What belongs to no backend, such
     * as a client that left while the store was asked, is with the others.
     */
    public CountTable<BackendCounts> backends() {
        return backends;
    }

    /** From the request to the moment when its client left without an answer, whichever backend it waited for. */
    public Histogram departures() {
        Histogram all = new Histogram();
        backends.all().forEach(backend -> all.add(backend.counts().departures()));
        all.add(backends.others().departures());
        return all;
    }

    @Override
    public void add(HostCounts more) {
        statuses.add(more.statuses);
        reasons.add(more.reasons);
        times.add(more.times);
        backends.add(more.backends);
        bytesReceived = Sums.of(bytesReceived, more.bytesReceived);
        bytesSent = Sums.of(bytesSent, more.bytesSent);
        retries = Sums.of(retries, more.retries);
    }

    @Override
    public void clear() {
        statuses.clear();
        reasons.clear();
        times.clear();
        backends.clear();
        bytesReceived = 0;
        bytesSent = 0;
        retries = 0;
    }

    @Override
    public void decay() {
        backends.decay();
    }

    @Override
    public long weight() {
        return requests();
    }

    /** Backends that find no room are written as one. */
    @Override
    public void write(FigureWriter out, int room) {
        statuses.write(out);
        reasons.write(out);
        times.write(out);
        backends.write(out, room);
        out.number(bytesReceived);
        out.number(bytesSent);
        out.number(retries);
    }

    @Override
    public void read(FigureReader in) throws MalformedFiguresException {
        statuses.read(in);
        reasons.read(in);
        times.read(in);
        backends.read(in);
        bytesReceived = Sums.of(bytesReceived, in.number());
        bytesSent = Sums.of(bytesSent, in.number());
        retries = Sums.of(retries, in.number());
    }
}
