package io.hipache.supervisor.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.figures.BackendCounts;
import io.hipache.figures.BackendUse;
import io.hipache.figures.CountTable;
import io.hipache.figures.HostCounts;
import io.hipache.routing.BackendUrl;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What is known of backends, as JSON: failing and slow ones first. {@code docs/metrics.md} describes it. */
final class BackendJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final double SLOW = 0.99;

    /** In {@code /status.json}: the worst ones of all hosts. */
    private static final int MOST = 50;

    private static final Comparator<BackendCounts> WORST_FIRST = Comparator.comparingLong(BackendJson::failed)
            .thenComparingDouble(counts -> StatusJson.quantile(counts.firstBytes(), SLOW))
            .thenComparingLong(BackendCounts::attempts)
            .reversed();

    private BackendJson() {}

    /** The part of its attempts that failed, in percent. */
    private static long failed(BackendCounts counts) {
        return counts.attempts() == 0 ? 0 : 100 * counts.failures() / counts.attempts();
    }

    /** The backends of one host that have counts of their own. */
    static ArrayNode ofHost(HostCounts host, Totals.View view) {
        Map<String, BackendUse> uses = uses(view);
        ArrayNode all = JSON.arrayNode();
        host.backends().all().stream()
                .sorted(Comparator.comparing(CountTable.Row::counts, WORST_FIRST))
                .forEach(row -> {
                    ObjectNode backend = counts(JSON.objectNode().put("backend", row.name()), row.counts());
                    BackendUrl url = BackendUrl.parse(row.name());
                    BackendUse use = url == null ? null : uses.get(url.backend().toString());
                    backend.put("requests", use == null ? 0 : use.requests());
                    all.add(backend.put("tunnels", use == null ? 0 : use.tunnels()));
                });
        return all;
    }

    /** A backend, and the host of which it is one. */
    private record OfHost(String host, CountTable.Row<BackendCounts> row) {}

    /** The worst backends of all hosts. */
    static ArrayNode worst(Totals.View view) {
        List<OfHost> backends = new ArrayList<>();
        for (CountTable.Row<HostCounts> host : view.sum().hosts().all()) {
            host.counts().backends().all().forEach(row -> backends.add(new OfHost(host.name(), row)));
        }
        ArrayNode worst = JSON.arrayNode();
        backends.stream()
                .sorted(Comparator.comparing(backend -> backend.row().counts(), WORST_FIRST))
                .limit(MOST)
                .forEach(backend -> worst.add(counts(
                        JSON.objectNode()
                                .put("host", backend.host())
                                .put("backend", backend.row().name()),
                        backend.row().counts())));
        return worst;
    }

    /** Puts what was counted into an object. */
    static ObjectNode counts(ObjectNode into, BackendCounts counts) {
        into.put("attempts", counts.attempts()).put("failures", counts.failures());
        into.set("firstByte", StatusJson.times(counts.firstBytes()));
        into.set("left", StatusJson.times(counts.departures()));
        return into;
    }

    /** {@code /backends.json}: where something is under way. */
    static ObjectNode underWay(Totals.View view) {
        ObjectNode page = JSON.objectNode().put("time", view.nowMillis());
        long oldest = view.workers().stream()
                .mapToLong(worker -> System.nanoTime() - worker.nanos())
                .max()
                .orElse(0);
        // without a worker nobody has said anything
        page.put("reported", view.workers().isEmpty() ? 0 : view.nowMillis() - TimeUnit.NANOSECONDS.toMillis(oldest));
        page.put("complete", view.workers().stream().allMatch(worker -> worker.figures()
                .hasAllUses()));
        ArrayNode backends = page.putArray("backends");
        uses(view).values().forEach(use -> backends.addObject()
                .put("backend", use.backend())
                .put("requests", use.requests())
                .put("tunnels", use.tunnels()));
        return page;
    }

    /** What all workers have under way, by scheme, host and port. */
    private static Map<String, BackendUse> uses(Totals.View view) {
        Map<String, BackendUse> all = new HashMap<>();
        for (WorkerState worker : view.workers()) {
            for (BackendUse use : worker.figures().uses()) {
                all.merge(
                        use.backend(),
                        use,
                        (one, other) -> new BackendUse(
                                one.backend(), one.requests() + other.requests(), one.tunnels() + other.tunnels()));
            }
        }
        return all;
    }
}
