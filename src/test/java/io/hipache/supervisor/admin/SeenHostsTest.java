package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.outcome.EndReason;
import io.hipache.testing.ExchangeEnds;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SeenHostsTest {
    private final Totals totals = new Totals(100, Duration.ofSeconds(30), () -> 1_700_000_001_000L);
    private final SeenHosts seen = new SeenHosts(totals);

    @BeforeEach
    void aWildcardIsBusy() {
        FakeWorker worker = new FakeWorker(1);
        worker.figures.count(ExchangeEnds.of("*.example.com", 200, EndReason.ANSWERED, List.of(), 1, 1));
        totals.received(worker, worker.report());
    }

    @Test
    void aHostHasNoFiguresOfAWildcardThatItMayNotUse() {
        assertThat((Object) seen.host("www.example.com")).isNull();
        assertThat((Object) seen.host("*.example.com")).isNotNull();
    }

    @Test
    void withoutTheStoreTheNextWildcardIsTheBestGuess() {
        JsonNode guess = Objects.requireNonNull(seen.hostOrWildcard("www.example.com"));
        assertThat(guess.path("host").asText()).isEqualTo("*.example.com");
        assertThat((Object) seen.hostOrWildcard("www.example.org")).isNull();
    }
}
