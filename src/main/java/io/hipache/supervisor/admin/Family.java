package io.hipache.supervisor.admin;

import io.hipache.figures.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The metrics of one name, while they are collected. */
final class Family {
    private Family() {}

    /** A counter, of which each value has its labels. */
    static final class Counter {
        private final CounterSnapshot.Builder family;

        Counter(String name, String help) {
            family = CounterSnapshot.builder().name(name).help(help);
        }

        Counter value(long value, String... labels) {
            family.dataPoint(CounterDataPointSnapshot.builder()
                    .value((double) value)
                    .labels(Labels.of(labels))
                    .build());
            return this;
        }

        MetricSnapshot build() {
            return family.build();
        }
    }

    /** A gauge, of which each value has its labels. */
    static final class Gauge {
        private final GaugeSnapshot.Builder family;

        Gauge(String name, String help) {
            family = GaugeSnapshot.builder().name(name).help(help);
        }

        Gauge value(double value, String... labels) {
            family.dataPoint(GaugeDataPointSnapshot.builder()
                    .value(value)
                    .labels(Labels.of(labels))
                    .build());
            return this;
        }

        MetricSnapshot build() {
            return family.build();
        }
    }

    static MetricSnapshot counter(String name, String help, long value) {
        return new Counter(name, help).value(value).build();
    }

    static MetricSnapshot gauge(String name, String help, double value) {
        return new Gauge(name, help).value(value).build();
    }

    static MetricSnapshot histogram(String name, String help, Histogram histogram) {
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(Histogram.bounds(), histogram.counts()))
                        .sum(histogram.sumSeconds())
                        .build())
                .build();
    }

    /** The sum and the number of values, for each of some things. */
    static <T> MetricSnapshot summary(
            String name, String help, List<T> all, Function<T, Labels> labels, Function<T, Histogram> histogram) {
        List<SummaryDataPointSnapshot> points = new ArrayList<>();
        for (T each : all) {
            Histogram times = histogram.apply(each);
            points.add(SummaryDataPointSnapshot.builder()
                    .count(times.total())
                    .sum(times.sumSeconds())
                    .labels(labels.apply(each))
                    .build());
        }
        SummarySnapshot.Builder family = SummarySnapshot.builder().name(name).help(help);
        points.forEach(family::dataPoint);
        return family.build();
    }
}
