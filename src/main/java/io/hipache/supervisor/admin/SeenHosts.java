package io.hipache.supervisor.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.figures.CountTable;
import io.hipache.figures.HostCounts;
import io.hipache.figures.StatusClass;
import io.hipache.supervisor.admin.frontends.Frontends;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the workers of this machine know of hosts. Any thread may call it. */
final class SeenHosts implements Frontends.Workers {
    private final Totals totals;

    SeenHosts(Totals totals) {
        this.totals = totals;
    }

    @Override
    public List<String> hosts(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return totals.show(view -> {
            Set<String> failing = new LinkedHashSet<>();
            view.marks().forEach(mark -> failing.add(mark.host()));
            Map<String, HostCounts> counted = new LinkedHashMap<>();
            for (CountTable.Row<HostCounts> host : view.sum().hosts().all()) {
                counted.put(host.name(), host.counts());
            }
            Set<String> all = new LinkedHashSet<>(failing);
            all.addAll(counted.keySet());
            all.addAll(view.failures().hosts());
            return all.stream()
                    .filter(name -> name.toLowerCase(Locale.ROOT).contains(wanted))
                    .sorted(Comparator.<String, Boolean>comparing(name -> !failing.contains(name))
                            .thenComparing(name -> failed(counted.get(name)), Comparator.reverseOrder())
                            .thenComparing(name -> slow(counted.get(name)), Comparator.reverseOrder())
                            .thenComparing(name -> requests(counted.get(name)), Comparator.reverseOrder()))
                    .limit(Frontends.MOST)
                    .toList();
        });
    }

    /** The part of its requests that got a 5xx, in percent. */
    private static long failed(@Nullable HostCounts counts) {
        return counts == null || counts.requests() == 0
                ? 0
                : 100 * counts.requests(StatusClass.SERVER_ERROR) / counts.requests();
    }

    private static double slow(@Nullable HostCounts counts) {
        return counts == null ? 0 : StatusJson.quantile(counts.times(), 0.99);
    }

    private static long requests(@Nullable HostCounts counts) {
        return counts == null ? 0 : counts.requests();
    }

    @Override
    public @Nullable JsonNode host(String name) {
        Optional<JsonNode> known = totals.show(view -> Optional.ofNullable(StatusJson.host(view, name)));
        return known.orElse(null);
    }

    /** The host itself, else the frontend with a wildcard that would have its requests, as far as one is known. */
    @Nullable
    JsonNode hostOrWildcard(String host) {
        String name = host;
        JsonNode page = host(name);
        while (page == null && !name.equals("*")) {
            String labels = name.startsWith("*.") ? name.substring(2) : name;
            int dot = labels.indexOf('.');
            name = dot < 0 ? "*" : "*." + labels.substring(dot + 1);
            page = host(name);
        }
        return page;
    }

    @Override
    public void changed(String kind, String host, String backends, String who) {
        totals.changed(kind, host, backends, who);
    }
}
