package io.hipache.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CachingDriverTest {

    private static final Duration TTL = Duration.ofSeconds(5);

    private final FakeStore store = new FakeStore();
    private final List<String> answers = new ArrayList<>();
    private long now;
    private final CachingDriver driver = new CachingDriver(store, 2, TTL, () -> now);

    @Test
    void answersFromMemoryUntilTheTimeIsOver() {
        read("a");
        store.answer();

        now = TTL.toNanos() - 1;
        read("a");
        now = TTL.toNanos();
        read("a");

        assertThat(answers).containsExactly("a #1", "a #1");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void asksForNobodysHostEachTime() {
        HostLookup nobody = HostLookup.ofNobody("ready");
        driver.read(nobody, answering());
        store.answer();

        driver.read(nobody, answering());

        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void keepsTheHostsUsedLast() {
        read("a", "b");
        store.answer();
        read("a");

        read("c");
        store.answer();
        read("a", "c");
        read("b");

        assertThat(answers).containsExactly("a #1", "b #2", "a #1", "c #3", "a #1", "c #3");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void forgetsAHostWhenABackendOfItDies() {
        read("a", "b");
        store.answer();

        driver.markDead(Deaths.hard("a", 0, "http://x", 2), told -> {});
        read("b");
        read("a");

        assertThat(answers).containsExactly("a #1", "b #2", "b #2");
        assertThat(store.waiting).hasSize(1);
        assertThat(store.dead).containsExactly(Deaths.hard("a", 0, "http://x", 2));
    }

    @Test
    void forgetsEveryHostOfAWildcardWhoseBackendDies() {
        read("a");
        store.waiting.remove().callback.rows(new Driver.Rows("*.x", List.of("wild"), Set.of()));
        read("b");
        store.answer();

        driver.markDead(Deaths.hard("*.x", 0, "http://x", 2), told -> {});
        read("b");
        read("a");

        assertThat(answers).containsExactly("wild", "b #1", "b #1");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void doesNotKeepWhatWasAskedForBeforeADeath() {
        read("a");
        driver.markDead(Deaths.hard("a", 0, "http://x", 2), told -> {});
        store.answer();

        read("a");

        assertThat(answers).containsExactly("a #1");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void doesNotKeepThatTheStoreWasUnavailable() {
        read("a");
        store.waiting.remove().callback.unavailable("away");

        read("a");

        assertThat(answers).containsExactly("away");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void asksTheStoreForAHostWrittenWithCapitals() {
        HostLookup lookup = new HostLookup("a", List.of("a", "A"));

        driver.read(lookup, answering());
        store.answer();
        driver.read(lookup, answering());

        assertThat(answers).containsExactly("a #1");
        assertThat(store.waiting).hasSize(1);
    }

    @Test
    void knowsAboutAnActiveCheckerWhatTheStoreKnowsAndClosesIt() {
        store.activeChecker = true;

        driver.close();

        assertThat(driver.activeCheckerAlive()).isTrue();
        assertThat(store.closed).isTrue();
    }

    private void read(String... hosts) {
        for (String host : hosts) {
            driver.read(new HostLookup(host, List.of(host)), answering());
        }
    }

    private Driver.ReadCallback answering() {
        return new Driver.ReadCallback() {
            @Override
            public void rows(Driver.Rows rows) {
                answers.add(rows.entries().get(0));
            }

            @Override
            public void tooLarge() {
                answers.add("too large");
            }

            @Override
            public void wrongType() {
                throw new AssertionError();
            }

            @Override
            public void unavailable(String reason) {
                answers.add(reason);
            }
        };
    }

    private record Read(HostLookup lookup, Driver.ReadCallback callback) {}

    /** Answers when a test calls {@link #answer}, and numbers its answers. */
    private static final class FakeStore implements Driver {

        private final Deque<Read> waiting = new ArrayDeque<>();
        private final List<DeadBackend> dead = new ArrayList<>();
        private boolean activeChecker;
        private boolean closed;
        private int answered;

        void answer() {
            while (!waiting.isEmpty()) {
                Read read = waiting.remove();
                String host = read.lookup.requestedHost();
                read.callback.rows(new Rows(host, List.of(host + " #" + ++answered), Set.of()));
            }
        }

        @Override
        public void read(HostLookup lookup, ReadCallback callback) {
            waiting.add(new Read(lookup, callback));
        }

        @Override
        public void markDead(DeadBackend backend, Consumer<Marking> told) {
            dead.add(backend);
            told.accept(Marking.MARKED);
        }

        @Override
        public boolean answersFromCopy() {
            return false;
        }

        @Override
        public boolean isReachable() {
            return true;
        }

        @Override
        public boolean activeCheckerAlive() {
            return activeChecker;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
