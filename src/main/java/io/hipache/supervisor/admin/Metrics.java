package io.hipache.supervisor.admin;

import static io.hipache.supervisor.admin.Family.counter;
import static io.hipache.supervisor.admin.Family.gauge;
import static io.hipache.supervisor.admin.Family.histogram;

import io.hipache.admission.Limit;
import io.hipache.figures.BackendCounts;
import io.hipache.figures.Count;
import io.hipache.figures.CountTable;
import io.hipache.figures.Expiry;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.figures.HostCounts;
import io.hipache.figures.StatusClass;
import io.hipache.figures.Timing;
import io.hipache.routing.Driver.Marking;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All metrics, each with its name and its meaning. {@code docs/metrics.md} lists them. */
final class Metrics {
    /** The label of what is counted for all hosts without a row. */
    static final String OTHER = "other";

    private static final double MILLIS = 1e3;
    private static final double MICROS = 1e6;

    private final Totals.View view;
    private final Figures sum;
    private final Facts facts;
    private final List<Expiry> certificates;
    private final List<MetricSnapshot> all = new ArrayList<>();

    private Metrics(Totals.View view, Facts facts, List<Expiry> ofFiles) {
        this.view = view;
        this.sum = view.sum();
        this.facts = facts;
        this.certificates = Certificates.first(ofFiles, view);
    }

    /**
     * The metrics of this moment.
     *
     * @param ofFiles the ends of certificates in files
     */
    static MetricSnapshots of(Totals.View view, Facts facts, List<Expiry> ofFiles, String version) {
        Metrics metrics = new Metrics(view, facts, ofFiles);
        metrics.program(version);
        metrics.workers();
        metrics.requests();
        metrics.hosts();
        metrics.backendsOfHosts();
        metrics.backends();
        metrics.store();
        metrics.clients();
        metrics.certificates();
        return new MetricSnapshots(metrics.all);
    }

    private void add(MetricSnapshot snapshot) {
        all.add(snapshot);
    }

    private void program(String version) {
        add(InfoSnapshot.builder()
                .name("hipache_build")
                .help("The version of the program and of its Java runtime.")
                .dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "version", version, "java", Runtime.version().toString()))
                        .build())
                .build());
        add(gauge(
                "hipache_ready",
                "1 when this machine can serve requests.",
                facts.obstacle().isEmpty() ? 1 : 0));
        add(new Family.Counter("hipache_reloads", "Reloads of the configuration, by their outcome.")
                .value(view.reloads(), "outcome", "complete")
                .value(view.failedReloads(), "outcome", "failed")
                .build());
        add(gauge(
                "hipache_configuration_generation",
                "The number of the configuration in force, 1 until the first reload.",
                view.reloads() + 1.0));
    }

    private void workers() {
        add(gauge(
                "hipache_workers",
                "Worker processes that report.",
                view.workers().size()));
        add(gauge(
                "hipache_workers_wanted",
                "Worker processes that the configuration asks for.",
                facts.config().server().workers()));
        add(counter(
                "hipache_workers_started",
                "Worker processes that have reported, ended ones included.",
                view.started()));
        add(new Family.Counter("hipache_worker_exits", "Worker processes that have ended, by how.")
                .value(view.ended(), "outcome", "ended")
                .value(view.died(), "outcome", "died")
                .build());
        perWorker("hipache_worker_resident_bytes", "The resident set of a worker.", Gauge.RESIDENT_BYTES, 1);
        perWorker(
                "hipache_worker_direct_memory_bytes",
                "Direct memory that a worker uses.",
                Gauge.DIRECT_MEMORY_BYTES,
                1);
        perWorker(
                "hipache_worker_loop_lag_seconds",
                "The longest that a task had to wait for the event loop of a worker in the last second.",
                Gauge.LOOP_LAG_MICROS,
                MICROS);
        perWorker(
                "hipache_worker_configurations",
                "Configurations that a worker has followed, 1 until the first reload in place.",
                Gauge.CONFIGURATION,
                1);
        perWorker("hipache_worker_connections", "Open connections of clients, by worker.", Gauge.CLIENTS, 1);
    }

    private void perWorker(String name, String help, Gauge gauge, double unit) {
        Family.Gauge family = new Family.Gauge(name, help);
        view.workers()
                .forEach(worker -> family.value(
                        worker.figures().get(gauge) / unit,
                        "slot",
                        String.valueOf(worker.figures().get(Gauge.SLOT)),
                        "pid",
                        String.valueOf(worker.pid())));
        add(family.build());
    }

    private double now(Gauge gauge) {
        return view.workers().stream()
                .mapToLong(worker -> worker.figures().get(gauge))
                .sum();
    }

    private void requests() {
        Family.Counter requests = new Family.Counter(
                "hipache_requests", "Requests that have ended, by listener, protocol, status class and reason.");
        sum.requests()
                .forEach((listener, protocol, status, reason, number) -> requests.value(
                        number,
                        "listener",
                        listener,
                        "protocol",
                        protocol,
                        "code",
                        status.label(),
                        "reason",
                        reason.word()));
        add(requests.build());
        add(gauge("hipache_requests_in_progress", "Requests under way.", now(Gauge.REQUESTS)));
        add(histogram(
                "hipache_request_duration_seconds",
                "From the head of a request to its end, without WebSockets.",
                sum.times(Timing.REQUEST)));
        add(histogram(
                "hipache_time_to_first_byte_seconds",
                "From the head of a request to the head of the backend's answer.",
                sum.times(Timing.FIRST_BYTE)));
        add(counter("hipache_received_bytes", "Bytes of requests.", sum.get(Count.BYTES_RECEIVED)));
        add(counter("hipache_sent_bytes", "Bytes of answers.", sum.get(Count.BYTES_SENT)));
        add(counter(
                "hipache_dropped_log_lines",
                "Lines of the access log that were lost, because the disk was too slow.",
                sum.get(Count.DROPPED_LOG_LINES)));
    }

    private void hosts() {
        List<CountTable.Row<HostCounts>> hosts = new ArrayList<>(sum.hosts().all());
        hosts.add(new CountTable.Row<>(OTHER, sum.hosts().others()));
        Family.Counter requests = new Family.Counter(
                "hipache_host_requests",
                "Requests by frontend and status class, for the busiest frontends. All others are other.");
        Family.Counter retries =
                new Family.Counter("hipache_host_retries", "Attempts behind the first one, by frontend.");
        Family.Counter sent = new Family.Counter("hipache_host_sent_bytes", "Bytes of answers, by frontend.");
        for (CountTable.Row<HostCounts> host : hosts) {
            HostCounts counts = host.counts();
            for (StatusClass status : StatusClass.values()) {
                if (counts.requests(status) > 0) {
                    requests.value(counts.requests(status), "host", host.name(), "code", status.label());
                }
            }
            retries.value(counts.retries(), "host", host.name());
            sent.value(counts.bytesSent(), "host", host.name());
        }
        add(requests.build());
        add(retries.build());
        add(sent.build());
        add(Family.summary(
                "hipache_host_request_duration_seconds",
                "From the head of a request to its end, by frontend, without WebSockets.",
                hosts,
                host -> Labels.of("host", host.name()),
                host -> host.counts().times()));
    }

    /** A backend of a host. */
    private record OfHost(String host, String backend, BackendCounts counts) {
        Labels labels() {
            return Labels.of("host", host, "backend", backend);
        }
    }

    private List<OfHost> ofHosts() {
        List<OfHost> all = new ArrayList<>();
        for (CountTable.Row<HostCounts> host : sum.hosts().all()) {
            CountTable<BackendCounts> backends = host.counts().backends();
            backends.all().forEach(row -> all.add(new OfHost(host.name(), row.name(), row.counts())));
            all.add(new OfHost(host.name(), OTHER, backends.others()));
        }
        all.add(new OfHost(OTHER, OTHER, sum.hosts().others().backends().others()));
        return all;
    }

    private void backendsOfHosts() {
        Family.Counter attempts = new Family.Counter(
                "hipache_host_backend_attempts", "Attempts, by frontend and backend, for the busiest frontends.");
        Family.Counter failures = new Family.Counter(
                "hipache_host_backend_failures",
                "Attempts that failed, and answers with a 5xx, by frontend and backend.");
        List<OfHost> attempted =
                ofHosts().stream().filter(each -> each.counts().attempts() > 0).toList();
        for (OfHost each : attempted) {
            attempts.value(each.counts().attempts(), "host", each.host(), "backend", each.backend());
            failures.value(each.counts().failures(), "host", each.host(), "backend", each.backend());
        }
        add(attempts.build());
        add(failures.build());
        add(Family.summary(
                "hipache_host_backend_first_byte_seconds",
                "From the beginning of a connection, or the request on an open one, to the head of the backend's answer.",
                attempted,
                OfHost::labels,
                each -> each.counts().firstBytes()));
        add(Family.summary(
                "hipache_host_client_gone_seconds",
                "From a request to the departure of its client, when no answer had begun, by the backend that it waited for.",
                ofHosts().stream()
                        .filter(each -> each.counts().departures().total() > 0)
                        .toList(),
                OfHost::labels,
                each -> each.counts().departures()));
    }

    private void backends() {
        add(counter("hipache_attempts", "Attempts on backends.", sum.get(Count.ATTEMPTS)));
        add(counter(
                "hipache_retries", "Attempts on backends behind the first one of a request.", sum.get(Count.RETRIES)));
        add(gauge("hipache_backends", "Backends with an open connection, summed over workers.", now(Gauge.BACKENDS)));
        add(gauge(
                "hipache_backend_connections",
                "Connections to backends, open or connecting.",
                now(Gauge.BACKEND_CONNECTIONS)));
        add(gauge(
                "hipache_backend_connections_idle",
                "Connections to backends that wait for a request.",
                now(Gauge.IDLE_BACKEND_CONNECTIONS)));
        add(gauge(
                "hipache_waiting_requests",
                "Requests that wait for a free connection to a backend.",
                now(Gauge.WAITING_REQUESTS)));
        add(gauge("hipache_tunnels", "WebSockets and other tunnels that are open.", now(Gauge.TUNNELS)));
        Family.Counter marks =
                new Family.Counter("hipache_marks", "Backends that should be marked dead, by what became of that.");
        for (Marking marking : Marking.values()) {
            marks.value(sum.get(marking), "outcome", lowerCase(marking));
        }
        add(marks.build());
        add(gauge(
                "hipache_dead_backends",
                "Backends that this machine has marked dead, and that have not answered since.",
                view.marks().size()));
    }

    private void store() {
        add(histogram(
                "hipache_lookup_duration_seconds",
                "How long the store took for a request, all its look-ups together.",
                sum.times(Timing.LOOKUP)));
        add(counter(
                "hipache_memory_answers",
                "Look-ups that were answered from memory, while Redis was there.",
                sum.get(Count.MEMORY_ANSWERS)));
        add(counter(
                "hipache_stale_requests",
                "Requests that were routed by what the store had before it went away.",
                sum.get(Count.STALE_REQUESTS)));
        add(gauge(
                "hipache_store_usable",
                "1 when the store can be used, or known hosts are answered from memory.",
                facts.storeUsable() ? 1 : 0));
        add(gauge(
                "hipache_store_stale_workers",
                "Workers that answer from memory, because Redis gives no answers.",
                now(Gauge.STALE_ANSWERS)));
    }

    private void clients() {
        add(counter(
                "hipache_connections_accepted",
                "Connections of clients that were accepted.",
                sum.get(Count.CONNECTIONS)));
        add(gauge("hipache_connections", "Open connections of clients.", now(Gauge.CLIENTS)));
        Family.Counter limits = new Family.Counter("hipache_limit_hits", "How often a limit was in the way.");
        for (Limit limit : Limit.values()) {
            limits.value(sum.get(limit), "limit", lowerCase(limit));
        }
        add(limits.build());
        add(gauge("hipache_head_bytes", "Memory of request heads.", now(Gauge.HEAD_BYTES)));
        add(gauge("hipache_body_bytes", "Bytes of request bodies that are kept.", now(Gauge.BODY_BYTES)));
        add(counter(
                "hipache_tls_handshakes",
                "TLS handshakes of clients that are complete.",
                sum.get(Count.TLS_HANDSHAKES)));
        add(counter(
                "hipache_tls_resumptions", "TLS handshakes that resumed a session.", sum.get(Count.TLS_RESUMPTIONS)));
    }

    private void certificates() {
        Family.Gauge soonest = new Family.Gauge(
                "hipache_certificate_expiry_timestamp_seconds", "When the first certificate in use ends.");
        certificates.stream().findFirst().ifPresent(first -> soonest.value(first.millis() / MILLIS));
        add(soonest.build());
        Family.Gauge soon = new Family.Gauge(
                "hipache_certificate_expiring_timestamp_seconds",
                "When a certificate ends, for those that end within 14 days.");
        Certificates.soon(certificates, view.nowMillis()).stream()
                .collect(Collectors.toMap(Expiry::name, Expiry::millis, Math::min, TreeMap::new))
                .forEach((name, millis) -> soon.value(millis / MILLIS, "host", name));
        add(soon.build());
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
