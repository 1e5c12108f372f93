package io.hipache.supervisor.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.admission.Limit;
import io.hipache.config.HipacheConfig.Admin;
import io.hipache.figures.Count;
import io.hipache.figures.Expiry;
import io.hipache.figures.Failure;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.figures.Histogram;
import io.hipache.figures.HostCounts;
import io.hipache.figures.StatusClass;
import io.hipache.figures.Timing;
import io.hipache.outcome.EndReason;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is known, as JSON. {@code docs/metrics.md} describes it. Times of day are milliseconds since the epoch. */
final class StatusJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final double MICROS_PER_MILLI = 1e3;

    private StatusJson() {}

    /** {@code /status.json}: everything but single hosts that have no row. */
    static ObjectNode status(Totals.View view, Facts facts, List<Expiry> ofFiles, String version) {
        Figures sum = view.sum();
        ObjectNode status = JSON.objectNode();
        status.put("version", version).put("time", view.nowMillis());
        status.put("ready", facts.obstacle().isEmpty()).put("obstacle", facts.obstacle());
        status.put("generation", view.reloads() + 1);
        Admin admin = facts.config().server().admin();
        status.put("write", admin != null && admin.write());
        status.set("traffic", traffic(view));
        status.set("requests", requests(sum));
        status.set("workers", workers(view, facts));
        status.set("store", store(view, facts));
        status.set("limits", limits(sum));
        ArrayNode hosts = status.putArray("hosts");
        sum.hosts().all().forEach(host -> hosts.add(host(host.name(), host.counts())));
        status.set("other", host(Metrics.OTHER, sum.hosts().others()));
        status.set("backends", BackendJson.worst(view));
        status.set("marks", marks(view.marks(), view));
        status.set("certificates", certificates(view, ofFiles));
        status.set("history", history(view));
        return status;
    }

    private static ObjectNode traffic(Totals.View view) {
        Figures sum = view.sum();
        ObjectNode traffic = JSON.objectNode();
        traffic.put("connections", now(view, Gauge.CLIENTS));
        traffic.put("requests", now(view, Gauge.REQUESTS));
        traffic.put("tunnels", now(view, Gauge.TUNNELS));
        traffic.put("waiting", now(view, Gauge.WAITING_REQUESTS));
        traffic.put("backendConnections", now(view, Gauge.BACKEND_CONNECTIONS));
        traffic.put("idleBackendConnections", now(view, Gauge.IDLE_BACKEND_CONNECTIONS));
        traffic.put("receivedBytes", sum.get(Count.BYTES_RECEIVED));
        traffic.put("sentBytes", sum.get(Count.BYTES_SENT));
        traffic.put("connectionsAccepted", sum.get(Count.CONNECTIONS));
        traffic.put("tlsHandshakes", sum.get(Count.TLS_HANDSHAKES));
        traffic.put("tlsResumptions", sum.get(Count.TLS_RESUMPTIONS));
        traffic.put("attempts", sum.get(Count.ATTEMPTS));
        traffic.put("retries", sum.get(Count.RETRIES));
        traffic.put("droppedLogLines", sum.get(Count.DROPPED_LOG_LINES));
        traffic.set("times", times(sum.times(Timing.REQUEST)));
        traffic.set("firstByte", times(sum.times(Timing.FIRST_BYTE)));
        return traffic;
    }

    private static long now(Totals.View view, Gauge gauge) {
        return view.workers().stream()
                .mapToLong(worker -> worker.figures().get(gauge))
                .sum();
    }

    private static ArrayNode requests(Figures sum) {
        ArrayNode requests = JSON.arrayNode();
        sum.requests().forEach((listener, protocol, status, reason, number) -> requests.addObject()
                .put("listener", listener)
                .put("protocol", protocol)
                .put("code", status.label())
                .put("reason", reason.word())
                .put("requests", number));
        return requests;
    }

    private static ObjectNode workers(Totals.View view, Facts facts) {
        ObjectNode workers = JSON.objectNode();
        workers.put("wanted", facts.config().server().workers());
        workers.put("started", view.started()).put("ended", view.ended()).put("died", view.died());
        ArrayNode each = workers.putArray("processes");
        for (WorkerState worker : view.workers()) {
            Figures figures = worker.figures();
            each.addObject()
                    .put("pid", worker.pid())
                    .put("slot", figures.get(Gauge.SLOT))
                    .put("started", worker.startMillis())
                    .put("configurations", figures.get(Gauge.CONFIGURATION))
                    .put("residentBytes", figures.get(Gauge.RESIDENT_BYTES))
                    .put("directMemoryBytes", figures.get(Gauge.DIRECT_MEMORY_BYTES))
                    .put("lagMillis", figures.get(Gauge.LOOP_LAG_MICROS) / MICROS_PER_MILLI)
                    .put("connections", figures.get(Gauge.CLIENTS))
                    .put("requests", figures.get(Gauge.REQUESTS))
                    .put("storeUsable", figures.get(Gauge.STORE_USABLE) == 1)
                    .put("stale", figures.get(Gauge.STALE_ANSWERS) == 1);
        }
        return workers;
    }

    private static ObjectNode store(Totals.View view, Facts facts) {
        Figures sum = view.sum();
        ObjectNode store = JSON.objectNode();
        store.put("usable", facts.storeUsable());
        store.put("staleWorkers", now(view, Gauge.STALE_ANSWERS));
        store.put("staleRequests", sum.get(Count.STALE_REQUESTS));
        store.put("memoryAnswers", sum.get(Count.MEMORY_ANSWERS));
        store.set("lookups", times(sum.times(Timing.LOOKUP)));
        return store;
    }

    private static ObjectNode limits(Figures sum) {
        ObjectNode limits = JSON.objectNode();
        for (Limit limit : Limit.values()) {
            limits.put(limit.name().toLowerCase(Locale.ROOT), sum.get(limit));
        }
        return limits;
    }

    private static ArrayNode certificates(Totals.View view, List<Expiry> ofFiles) {
        ArrayNode certificates = JSON.arrayNode();
        for (Expiry expiry : Certificates.first(ofFiles, view)) {
            certificates.addObject().put("host", expiry.name()).put("until", expiry.millis());
        }
        return certificates;
    }

    /** One point for each step: its end, its requests by status class, and their mean time. */
    private static ArrayNode history(Totals.View view) {
        ArrayNode history = JSON.arrayNode();
        for (History.Point point : view.history()) {
            ObjectNode each = history.addObject().put("time", point.millis());
            long requests = 0;
            ObjectNode codes = each.putObject("codes");
            for (StatusClass status : StatusClass.values()) {
                long number = point.requests().getOrDefault(status, 0L);
                requests += number;
                if (number > 0) {
                    codes.put(status.label(), number);
                }
            }
            each.put("requests", requests);
            each.put("meanMillis", requests == 0 ? 0 : point.seconds() * MILLIS_PER_SECOND / requests);
        }
        return history;
    }

    /** {@code /hosts/<name>.json}; null when nothing is known of the host. */
    static @Nullable ObjectNode host(Totals.View view, String name) {
        HostCounts counts = view.sum().hosts().get(name);
        List<Failure> failures = view.failuresOf(name);
        List<KnownMarks.Mark> marks =
                view.marks().stream().filter(mark -> mark.host().equals(name)).toList();
        if (counts == null && failures.isEmpty() && marks.isEmpty()) {
            return null;
        }
        ObjectNode host = counts == null ? JSON.objectNode().put("host", name) : host(name, counts);
        host.put("counted", counts != null);
        if (counts != null) {
            host.set("backends", BackendJson.ofHost(counts, view));
            host.set(
                    "otherBackends",
                    BackendJson.counts(JSON.objectNode(), counts.backends().others()));
        }
        ArrayNode last = host.putArray("failures");
        failures.forEach(failure -> last.add(failure(failure)));
        host.set("marks", marks(marks, view));
        return host;
    }

    private static ObjectNode host(String name, HostCounts counts) {
        ObjectNode host = JSON.objectNode().put("host", name).put("requests", counts.requests());
        ObjectNode codes = host.putObject("codes");
        for (StatusClass status : StatusClass.values()) {
            if (counts.requests(status) > 0) {
                codes.put(status.label(), counts.requests(status));
            }
        }
        ObjectNode reasons = host.putObject("reasons");
        for (EndReason reason : EndReason.values()) {
            if (counts.requests(reason) > 0) {
                reasons.put(reason.word(), counts.requests(reason));
            }
        }
        host.put("retries", counts.retries());
        host.put("receivedBytes", counts.bytesReceived()).put("sentBytes", counts.bytesSent());
        host.set("times", times(counts.times()));
        host.set("left", times(counts.departures()));
        return host;
    }

    private static ObjectNode failure(Failure failure) {
        return JSON.objectNode()
                .put("time", failure.millis())
                .put("backend", failure.backend())
                .put("reason", failure.reason().word())
                .put("status", failure.status());
    }

    private static ArrayNode marks(List<KnownMarks.Mark> marks, Totals.View view) {
        ArrayNode all = JSON.arrayNode();
        for (KnownMarks.Mark mark : marks) {
            all.addObject()
                    .put("host", mark.host())
                    .put("backend", mark.backend())
                    .put("since", mark.sinceMillis())
                    .put("until", mark.untilMillis())
                    .put("why", why(mark, view));
        }
        return all;
    }

    /** The last failure of the backend, as far as it is known. */
    private static String why(KnownMarks.Mark mark, Totals.View view) {
        return view.failuresOf(mark.host()).stream()
                .filter(failure -> failure.backend().equals(mark.backend()))
                .findFirst()
                .map(failure -> failure.reason() == EndReason.ANSWERED
                        ? "answered_" + failure.status()
                        : failure.reason().word())
                .orElse("");
    }

    static ObjectNode times(Histogram histogram) {
        ObjectNode times = JSON.objectNode();
        long total = histogram.total();
        times.put("count", total);
        times.put("meanMillis", total == 0 ? 0 : histogram.sumSeconds() * MILLIS_PER_SECOND / total);
        times.put("p50Millis", quantile(histogram, 0.5));
        times.put("p99Millis", quantile(histogram, 0.99));
        return times;
    }

    /** The bound below which this part of the values is; that of the last bucket but one where there is none. */
    static double quantile(Histogram histogram, double part) {
        double[] bounds = Histogram.bounds();
        long[] counts = histogram.counts();
        long wanted = (long) Math.ceil(histogram.total() * part);
        long below = 0;
        for (int i = 0; i < counts.length - 1; i++) {
            below += counts[i];
            if (below >= wanted) {
                return wanted == 0 ? 0 : bounds[i] * MILLIS_PER_SECOND;
            }
        }
        return bounds[bounds.length - 2] * MILLIS_PER_SECOND;
    }

    /** {@code /events.json}, the newest first. */
    static ArrayNode events(Totals.View view) {
        ArrayNode events = JSON.arrayNode();
        for (RecentEvents.Entry entry : view.events()) {
            events.addObject()
                    .put("time", entry.millis())
                    .put("kind", entry.kind())
                    .put("host", entry.host())
                    .put("subject", entry.subject())
                    .put("detail", entry.detail())
                    .put("worker", entry.worker());
        }
        return events;
    }
}
