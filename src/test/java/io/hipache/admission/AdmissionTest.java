package io.hipache.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Admission limited = new Admission(new AdmissionLimits(1, 2, 3, 4, 5, 6));

    @Test
    void letsEverythingInWithoutLimits() {
        Admission open = new Admission(AdmissionLimits.NONE);

        for (int i = 0; i < 100_000; i++) {
            assertThat(open.admitConnection()).isTrue();
            assertThat(open.admitRequest()).isTrue();
        }
        open.bodyBytesKept(1L << 40);

        assertThat(open.admitsStream(1_000_000)).isTrue();
        assertThat(open.admitsWaiting(1_000_000)).isTrue();
        assertThat(open.admitsTunnel(1_000_000)).isTrue();
        assertThat(open.admitsBodyBytes()).isTrue();
    }

    @Test
    void countsConnectionsUntilTheyEnd() {
        assertThat(limited.admitConnection()).isTrue();
        assertThat(limited.admitConnection()).isFalse();
        assertThat(limited.connections()).isEqualTo(1);

        limited.connectionEnded();

        assertThat(limited.admitConnection()).isTrue();
    }

    @Test
    void countsRequestsUntilTheyEnd() {
        assertThat(limited.admitRequest()).isTrue();
        assertThat(limited.admitRequest()).isTrue();
        assertThat(limited.admitRequest()).isFalse();
        assertThat(limited.requests()).isEqualTo(2);

        limited.requestEnded();

        assertThat(limited.admitRequest()).isTrue();
    }

    @Test
    void countsBytesOfBodiesUntilTheyAreReleased() {
        limited.bodyBytesKept(4);
        assertThat(limited.admitsBodyBytes()).isTrue();
        limited.bodyBytesKept(1);
        assertThat(limited.admitsBodyBytes()).isFalse();

        limited.bodyBytesKept(-5);

        assertThat(limited.admitsBodyBytes()).isTrue();
        assertThat(limited.bodyBytes()).isZero();
    }

    @Test
    void asksForTheOthersHowManyThereAre() {
        assertThat(limited.admitsStream(2)).isTrue();
        assertThat(limited.admitsStream(3)).isFalse();
        assertThat(limited.admitsWaiting(3)).isTrue();
        assertThat(limited.admitsWaiting(4)).isFalse();
        assertThat(limited.admitsTunnel(5)).isTrue();
        assertThat(limited.admitsTunnel(6)).isFalse();
    }
}
