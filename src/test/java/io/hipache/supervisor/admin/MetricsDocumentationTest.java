package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsDocumentationTest {
    private static final Pattern ROW = Pattern.compile("^\\| `(hipache_\\w+)` .*\\| ([^|]+) \\|$", Pattern.MULTILINE);

    @Test
    void thePageListsExactlyTheMetricsThatExist() throws Exception {
        String page = Files.readString(Path.of("docs", "metrics.md"));

        List<String> documented = ROW.matcher(page)
                .results()
                .map((MatchResult row) -> row.group(1) + ": " + row.group(2))
                .toList();

        assertThat(documented).containsExactlyElementsOf(metrics());
    }

    private static List<String> metrics() throws Exception {
        HipacheConfig config = ConfigJson.decode("{}");
        Totals totals = new Totals(10, Duration.ofSeconds(30), System::currentTimeMillis);
        return totals.show(view -> Metrics.of(view, new Facts(config, true, false, true), List.of(), "1").stream()
                .map(metric -> name(metric) + ": " + metric.getMetadata().getHelp())
                .toList());
    }

    private static String name(MetricSnapshot metric) {
        String name = metric.getMetadata().getPrometheusName();
        if (metric instanceof CounterSnapshot) {
            return name + "_total";
        }
        return metric instanceof InfoSnapshot ? name + "_info" : name;
    }
}
