package io.hipache.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class CountTableTest {
    private final CountTable<HostCounts> table = new CountTable<>(100, HostCounts::ofHost, HostCounts::ofMany);

    @Test
    void aFloodOfHostsNeitherGrowsItNorFlushesBusyHosts() {
        for (int i = 0; i < 100_000; i++) {
            count("host-" + i + ".example");
            if (i % 20 == 0) {
                count("busy.example");
            }
        }

        assertThat(table.all()).hasSize(100);
        assertThat(table.all().get(0).name()).isEqualTo("busy.example");
        assertThat(Objects.requireNonNull(table.get("busy.example")).requests()).isEqualTo(5_000);
        assertThat(total()).isEqualTo(105_000);
    }

    @Test
    void aHostThatBecomesBusyGetsARow() {
        for (int i = 0; i < 100; i++) {
            count("old-" + i);
        }
        for (int i = 0; i < 1_000; i++) {
            count("new");
        }

        assertThat(table.all().get(0).name()).isEqualTo("new");
        assertThat(total()).isEqualTo(1_100);
    }

    @Test
    void aHostWithoutRequestsLosesItsRowSoonerOrLater() {
        for (int i = 0; i < 100; i++) {
            table.of("old-" + i, 1_000_000).add(one());
        }
        for (int second = 0; second < 1_200; second++) {
            table.decay();
        }

        for (int i = 0; i < 10_000; i++) {
            count("new");
        }

        assertThat(table.get("new")).isNotNull();
    }

    @Test
    void theSumStaysTheSameWhenItsSizeChanges() {
        for (int i = 0; i < 100; i++) {
            for (int j = 0; j <= i; j++) {
                count("host-" + i);
            }
        }

        CountTable<HostCounts> smaller = table.resized(10);
        CountTable<HostCounts> larger = smaller.resized(200);

        assertThat(smaller.all())
                .hasSize(10)
                .first()
                .extracting(CountTable.Row::name)
                .isEqualTo("host-99");
        assertThat(larger.all()).hasSize(10);
        long all = larger.all().stream()
                .mapToLong(host -> host.counts().requests())
                .sum();
        assertThat(all + larger.others().requests()).isEqualTo(5_050);
        larger.of("another", 1).add(one());
        assertThat(larger.all()).hasSize(11);
    }

    @Test
    void longNamesShareARow() {
        count("x".repeat(300));
        count("x".repeat(301));

        assertThat(table.all())
                .singleElement()
                .extracting(host -> host.counts().requests())
                .isEqualTo(2L);
    }

    private void count(String host) {
        table.of(host, 1).count(Ends.answered(host, 200));
    }

    private static HostCounts one() {
        HostCounts one = HostCounts.ofHost();
        one.count(Ends.answered("any", 200));
        return one;
    }

    private long total() {
        return table.all().stream().mapToLong(host -> host.counts().requests()).sum()
                + table.others().requests();
    }
}
