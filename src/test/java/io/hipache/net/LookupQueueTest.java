package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.LookupQueue.Pace;
import io.hipache.net.LookupQueue.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LookupQueueTest {
    private final LookupQueue queue = new LookupQueue(8, 100);

    @Test
    void runsQuickNamesFirstThenUnknownOnesThenSlowOnes() {
        enter("slow.one.test", Pace.SLOW);
        enter("unknown.two.test", Pace.UNKNOWN);
        enter("quick.three.test", Pace.QUICK);

        assertThat(begun()).containsExactly("quick.three.test", "unknown.two.test", "slow.one.test");
    }

    @Test
    void keepsTheOrderOfNamesOfOnePace() {
        for (int i = 0; i < 4; i++) {
            enter("a.domain" + i + ".test", Pace.UNKNOWN);
        }

        assertThat(begun()).containsExactly("a.domain0.test", "a.domain1.test", "a.domain2.test", "a.domain3.test");
    }

    @Test
    void keepsThreadsForNamesThatWereQuick() {
        for (int i = 0; i < 20; i++) {
            enter("a.domain" + i + ".test", Pace.UNKNOWN);
        }
        assertThat(begun()).hasSize(7);

        enter("known.test", Pace.QUICK);

        assertThat(begun()).containsExactly("known.test");
    }

    @Test
    void givesSlowNamesAQuarterOfTheThreads() {
        for (int i = 0; i < 20; i++) {
            enter("a.domain" + i + ".test", Pace.SLOW);
        }

        assertThat(begun()).hasSize(2);
    }

    @Test
    void givesOneDomainThreeQuartersOfTheThreads() {
        for (int i = 0; i < 20; i++) {
            enter("name" + i + ".hanging.test", Pace.QUICK);
        }
        assertThat(begun()).hasSize(6);

        enter("a.other.test", Pace.UNKNOWN);

        assertThat(begun()).as("behind fourteen others").containsExactly("a.other.test");
    }

    @Test
    void givesOneDomainThreeQuartersOfThePlaces() {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 75; i++) {
            places.add(enter("name" + i + ".hanging.test", Pace.UNKNOWN));
        }

        assertThat(queue.enter("one.more.hanging.test", Pace.QUICK)).isNull();
        enter("a.other.test", Pace.UNKNOWN);
        queue.leave(places.get(0));
        enter("one.more.hanging.test", Pace.UNKNOWN);
    }

    @Test
    void aDomainIsTheLastTwoLabels() {
        for (String name : List.of("a.b.example.com", "c.example.com.", "example.com", "com.", "com", "x", "y")) {
            enter(name, Pace.UNKNOWN);
        }

        assertThat(queue.domains()).isEqualTo(2);
    }

    @Test
    void aThreadIsFreeWhenItsLookUpHasLeft() {
        for (int i = 0; i < 20; i++) {
            enter("a.domain" + i + ".test", Pace.UNKNOWN);
        }
        List<Place> running = new ArrayList<>();
        for (Place next = queue.next(); next != null; next = queue.next()) {
            running.add(next);
        }

        queue.leave(running.get(3));

        assertThat(begun()).containsExactly("a.domain7.test");
    }

    @Test
    void remembersNothingOfThoseWhoHaveLeft() {
        Place waiting = enter("waiting.one.test", Pace.SLOW);
        Place running = enter("running.two.test", Pace.QUICK);
        assertThat(queue.next()).isSameAs(running);

        queue.leave(waiting);
        queue.leave(running);

        assertThat(begun()).isEmpty();
        assertThat(queue.domains()).isZero();
    }

    private Place enter(String name, Pace pace) {
        return Objects.requireNonNull(queue.enter(name, pace));
    }

    private List<String> begun() {
        List<String> names = new ArrayList<>();
        for (Place next = queue.next(); next != null; next = queue.next()) {
            names.add(next.name());
        }
        return names;
    }
}
