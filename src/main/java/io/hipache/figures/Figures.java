package io.hipache.figures;

import io.hipache.admission.Limit;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.Marking;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What was counted since the last report of a worker, and how the worker is. The supervisor adds the reports up. Not for
 * several threads at a time.
 */
public final class Figures {
    /** A report is cut to about this length. A worker with 1,000 busy hosts needs a part of it. */
    public static final int MOST_BYTES = 512 << 10;

    /** Of the hosts. What else there is takes less than the rest. */
    private static final int MOST_HOST_BYTES = 300 << 10;

    /** Hosts in a report. */
    static final int MOST_HOSTS = 2_000;
    /** Failures that one report describes, and those of one host. */
    static final int MOST_FAILURES = 50;

    static final int MOST_FAILURES_OF_HOST = 5;
    static final int MOST_EVENTS = 50;
    /** The certificates in a report. */
    public static final int MOST_EXPIRIES = 50;

    static final int MOST_USES = 400;

    /** Changes with the order of what is in a report. */
    private static final int LAYOUT = 2;

    /** The supervisor and a worker may be of two versions, when the program was changed on the disk. */
    private static final int VERSION = Arrays.deepToString(new Object[][] {
                        EndReason.values(),
                        Limit.values(),
                        Marking.values(),
                        Count.values(),
                        Gauge.values(),
                        Timing.values(),
                        {LAYOUT, HostCounts.BACKENDS}
                    })
                    .hashCode()
            & Integer.MAX_VALUE;

    private final RequestCounts requests = new RequestCounts();
    private final Map<Timing, Histogram> times = new EnumMap<>(Timing.class);
    private final EnumCounts<Count> counts = new EnumCounts<>(Count.class);
    private final EnumCounts<Limit> limits = new EnumCounts<>(Limit.class);
    private final EnumCounts<Marking> marks = new EnumCounts<>(Marking.class);
    private final EnumCounts<Gauge> gauges = new EnumCounts<>(Gauge.class);
    private CountTable<HostCounts> hosts;
    private final List<Failure> failures = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Expiry> expiries = new ArrayList<>();
    private final List<BackendUse> uses = new ArrayList<>();
    private boolean allUses = true;

    /**
     * Nothing was counted yet.
     *
     * @param hosts for how many hosts there are counts of their own
     */
    public Figures(int hosts) {
        this.hosts = table(hosts);
        for (Timing timing : Timing.values()) {
            times.put(timing, new Histogram());
        }
    }

    private static CountTable<HostCounts> table(int hosts) {
        return new CountTable<>(hosts, HostCounts::ofHost, HostCounts::ofMany);
    }

    // counting

    /** Counts a request. */
    public void count(ExchangeEnd end) {
        requests.count(end);
        List<AttemptOutcome> attempts = end.attempts();
        if (end.reason() != EndReason.TUNNEL_CLOSED) {
            times(Timing.REQUEST).count(end.totalNanos());
        }
        if (end.lookupNanos() > 0) {
            times(Timing.LOOKUP).count(end.lookupNanos());
        }
        count(Count.BYTES_RECEIVED, end.bytesReceived());
        count(Count.BYTES_SENT, end.bytes());
        if (!attempts.isEmpty()) {
            count(Count.ATTEMPTS, attempts.size());
            count(Count.RETRIES, attempts.size() - 1);
            countFirstByte(end);
        }
        if (end.stale()) {
            count(Count.STALE_REQUESTS, 1);
        }
        if (end.frontendKey().isEmpty()) {
            hosts.others().count(end);
        } else {
            hosts.of(end.frontendKey(), 1).count(end);
            describeFailures(end);
        }
    }

    private void countFirstByte(ExchangeEnd end) {
        AttemptOutcome last = end.lastAttempt();
        if (last.firstByteNanos() == 0) {
            return;
        }
        long nanos = end.lookupNanos() + last.waitNanos() + last.connectNanos() + last.firstByteNanos();
        for (int i = 0; i < end.attempts().size() - 1; i++) {
            nanos += end.attempts().get(i).totalNanos();
        }
        times(Timing.FIRST_BYTE).count(nanos);
    }

    private void describeFailures(ExchangeEnd end) {
        for (int i = 0; i < end.attempts().size(); i++) {
            if (Failure.isOne(end, i)) {
                AttemptOutcome attempt = end.attempts().get(i);
                describe(end, attempt.backendUrl(), attempt.reason());
            }
        }
        if (!end.hadBackend() && Failure.isOne(end.reason())) {
            describe(end, "", end.reason());
        }
    }

    private void describe(ExchangeEnd end, String backend, EndReason reason) {
        int ofHost = 0;
        for (Failure failure : failures) {
            ofHost += failure.host().equals(end.frontendKey()) ? 1 : 0;
        }
        if (failures.size() >= MOST_FAILURES || ofHost >= MOST_FAILURES_OF_HOST) {
            count(Count.FAILURES_LEFT_OUT, 1);
            return;
        }
        failures.add(new Failure(
                end.startMillis() + end.totalNanos() / 1_000_000, end.frontendKey(), backend, reason, end.status()));
    }

    public void count(Count what, long number) {
        counts.add(what, number);
    }

    public void count(Limit limit, long number) {
        limits.add(limit, number);
    }

    public void count(Marking marking) {
        marks.add(marking, 1);
    }

    public void set(Gauge gauge, long value) {
        gauges.set(gauge, Math.min(FigureReader.LARGEST, Math.max(0, value)));
    }

    /** An event is left out when there were too many since the last report. */
    public void happened(Event event) {
        if (events.size() < MOST_EVENTS) {
            events.add(event);
        }
    }

    /** Says which certificates end first. */
    public void expire(List<Expiry> first) {
        expiries.clear();
        expiries.addAll(first.subList(0, Math.min(first.size(), MOST_EXPIRIES)));
    }

    /** Says on which backends something is under way. */
    public void use(List<BackendUse> backends) {
        allUses = backends.size() <= MOST_USES;
        uses.clear();
        uses.addAll(backends.subList(0, Math.min(backends.size(), MOST_USES)));
    }

    // reading

    public RequestCounts requests() {
        return requests;
    }

    public Histogram times(Timing timing) {
        return Objects.requireNonNull(times.get(timing));
    }

    public long get(Count what) {
        return counts.get(what);
    }

    public long get(Limit limit) {
        return limits.get(limit);
    }

    public long get(Marking marking) {
        return marks.get(marking);
    }

    public long get(Gauge gauge) {
        return gauges.get(gauge);
    }

    public CountTable<HostCounts> hosts() {
        return hosts;
    }

    public List<Failure> failures() {
        return List.copyOf(failures);
    }

    public List<Event> events() {
        return List.copyOf(events);
    }

    public List<Expiry> expiries() {
        return List.copyOf(expiries);
    }

    /** The backends on which something is under way. */
    public List<BackendUse> uses() {
        return List.copyOf(uses);
    }

    /** Whether there was room for all of them. */
    public boolean hasAllUses() {
        return allUses;
    }

    // sums and reports

    /** Adds everything that is counted. The rest is about one worker. */
    public void add(Figures more) {
        requests.add(more.requests);
        times.forEach((timing, histogram) -> histogram.add(more.times(timing)));
        counts.add(more.counts);
        limits.add(more.limits);
        marks.add(more.marks);
        hosts.add(more.hosts);
    }

    /** Goes on with counts of their own for so many hosts. */
    public void resizeHosts(int number) {
        if (number != hosts.capacity()) {
            hosts = hosts.resized(number);
        }
    }

    /** Keeps what is about one worker. The counts of hosts are much larger, and in a sum already. */
    public void forgetHosts() {
        hosts = table(1);
    }

    /** To be called once a second: hosts without requests lose their rows sooner or later. */
    public void decay() {
        hosts.decay();
    }

    /** The report of what was counted since the last one. */
    public byte[] report() {
        FigureWriter out = new FigureWriter();
        out.number(VERSION);
        requests.write(out);
        times.values().forEach(histogram -> histogram.write(out));
        counts.write(out);
        limits.write(out);
        marks.write(out);
        gauges.write(out);
        out.number(failures.size());
        failures.forEach(failure -> failure.write(out));
        out.number(events.size());
        events.forEach(event -> event.write(out));
        out.number(expiries.size());
        expiries.forEach(expiry -> expiry.write(out));
        out.number(allUses ? 1 : 0);
        out.number(uses.size());
        uses.forEach(use -> use.write(out));
        hosts.write(out, MOST_HOST_BYTES);
        clear();
        return out.toBytes();
    }

    private void clear() {
        requests.clear();
        times.values().forEach(Histogram::clear);
        counts.clear();
        limits.clear();
        marks.clear();
        failures.clear();
        events.clear();
        hosts.clear();
    }

    /**
     * Reads the report of a worker, which may have sent anything.
     *
     * @throws MalformedFiguresException when the bytes are no report, or that of a worker of another version
     */
    public static Figures read(ByteBuffer report) throws MalformedFiguresException {
        FigureReader in = new FigureReader(report.duplicate());
        if (in.number() != VERSION) {
            throw new MalformedFiguresException("the figures are of another version");
        }
        Figures figures = new Figures(MOST_HOSTS);
        figures.requests.read(in);
        for (Histogram histogram : figures.times.values()) {
            histogram.read(in);
        }
        figures.counts.read(in);
        figures.limits.read(in);
        figures.marks.read(in);
        figures.gauges.read(in);
        for (int left = in.upTo(MOST_FAILURES); left > 0; left--) {
            figures.failures.add(Failure.read(in));
        }
        for (int left = in.upTo(MOST_EVENTS); left > 0; left--) {
            figures.events.add(Event.read(in));
        }
        for (int left = in.upTo(MOST_EXPIRIES); left > 0; left--) {
            figures.expiries.add(Expiry.read(in));
        }
        figures.allUses = in.upTo(1) == 1;
        for (int left = in.upTo(MOST_USES); left > 0; left--) {
            figures.uses.add(BackendUse.read(in));
        }
        figures.hosts.read(in);
        if (!in.isAtEnd()) {
            throw new MalformedFiguresException("the figures are too long");
        }
        return figures;
    }
}
