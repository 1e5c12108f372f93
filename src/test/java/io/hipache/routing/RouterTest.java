package io.hipache.routing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.Rows;
import io.hipache.testing.RecordedLog;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterTest {

    private static final Backend A = new Backend(false, "a", 80);
    private static final Backend B = new Backend(false, "b", 80);

    private static final Function<Backend, Room> FREE = RouterTest::free;

    private final FakeDriver driver = new FakeDriver();
    private final Router router = new Router(driver, DeathSettings.HIPACHE, new SplittableRandom(42));

    @Test
    void choosesTheBackendOfAFrontend() {
        driver.rows = rows(List.of("site", "http://a:80"));

        Route route = route("Foo.bar:80");

        assertThat(route)
                .isEqualTo(new Route.Chosen(
                        A,
                        new Frontend("foo.bar", "foo.bar", "site", 1),
                        0,
                        "http://a:80/",
                        "http://a:80/",
                        "http://a:80"));
    }

    @Test
    void namesTheDeadSetOfTheRequestedHostForAWildcard() {
        driver.rows = new Rows("*.bar", List.of("site", "http://a:80"), Set.of());

        Route.Chosen chosen = (Route.Chosen) route("foo.bar");

        assertThat(chosen.frontend()).isEqualTo(new Frontend("foo.bar", "*.bar", "site", 1));
    }

    @Test
    void namesTheDeadSetOfTheNameThatMatchedWhereItIsAskedTo() {
        driver.rows = new Rows("*.bar", List.of("site", "http://a:80"), Set.of());

        Route.Chosen chosen = (Route.Chosen)
                route(new Router(driver, new DeathSettings(true, false), new SplittableRandom(42)), "foo.bar");

        assertThat(chosen.frontend()).isEqualTo(new Frontend("foo.bar", "*.bar", "site", 1, "*.bar", false));
        assertThat(driver.lookups.get(0).deadSets()).isEqualTo(3);
    }

    @Test
    void announcesTheEntryAsItIsStoredWhereItIsAskedTo() {
        driver.rows = rows(List.of("site", "http://A:80"));

        Route.Chosen chosen = (Route.Chosen)
                route(new Router(driver, new DeathSettings(false, true), new SplittableRandom(42)), "foo.bar");

        assertThat(chosen.announcedUrl()).isEqualTo("http://A:80");
        assertThat(chosen.url()).isEqualTo("http://a:80/");
        assertThat(chosen.entry()).isEqualTo("http://A:80");
    }

    @Test
    void answersAPingWithoutTheStore() {
        assertThat(route("__ping__")).isEqualTo(new Route.Health(EndReason.PING));
        assertThat(driver.lookups).isEmpty();
    }

    @Test
    void isReadyWhenTheStoreAnswersWhateverItAnswers() {
        assertThat(route("__ready__")).isEqualTo(new Route.Health(EndReason.READY));
        assertThat(driver.lookups).hasSize(1);

        driver.tooLarge = true;
        assertThat(route("__ready__")).isEqualTo(new Route.Health(EndReason.READY));
    }

    @Test
    void isNotReadyAndWaitsForNothingWhileTheStoreIsAway() {
        driver.rows = null;

        assertThat(route("__ready__")).isEqualTo(new Route.Health(EndReason.STORE_AWAY));
        assertThat(driver.lookups).isEmpty();
    }

    @Test
    void isReadyWhereTheStoreHasNotAnsweredAndHostsThatAreKnownHaveAnswers() {
        driver.rows = null;
        driver.copy = true;

        assertThat(route("__ready__")).isEqualTo(new Route.Health(EndReason.READY));
    }

    @Test
    void isNotReadyWhenTheStoreCannotAnswer() {
        driver.held = new ArrayList<>();
        List<Route> routes = new ArrayList<>();
        Router.Pending cancelled = router.route("__ready__", List.of(), null, FREE, 0, routes::add);
        router.route("__ready__", List.of(), null, FREE, 0, routes::add);
        requireNonNull(cancelled).cancel();

        driver.held.forEach(callback -> callback.unavailable("no answer in time"));

        assertThat(routes).containsExactly(new Route.Health(EndReason.STORE_AWAY));
    }

    @Test
    void refusesAMissingHostWithoutTheStore() {
        assertThat(route(null)).isEqualTo(new Route.Refused(400, EndReason.NO_HOST, "no host header", "", null));
        assertThat(driver.lookups).isEmpty();
    }

    @Test
    void refusesAMalformedHostWithoutTheStore() {
        assertThat(route("foo/bar"))
                .isEqualTo(new Route.Refused(400, EndReason.MALFORMED_HOST, "malformed host header", "", null));
        assertThat(driver.lookups).isEmpty();
    }

    @Test
    void refusesAHostWithoutFrontend() {
        driver.rows = new Rows(null, List.of(), Set.of());

        assertThat(route("foo.bar"))
                .isEqualTo(new Route.Refused(400, EndReason.NO_FRONTEND, "frontend not found", "foo.bar", null));
    }

    @Test
    void refusesWhenTheStoreIsAway() {
        driver.rows = null;

        assertThat(route("foo.bar"))
                .isEqualTo(new Route.Refused(
                        503, EndReason.STORE_AWAY, "Cannot reach the configuration store", "foo.bar", null));
    }

    @Test
    void refusesAFrontendThatIsTooLarge() {
        driver.tooLarge = true;

        assertThat(route("foo.bar"))
                .isEqualTo(new Route.Refused(
                        502, EndReason.STORE_TOO_LARGE, "The frontend is too large", "foo.bar", null));
    }

    @Test
    void tellsTheStoreWhatWaitsWithALookup() {
        driver.held = new ArrayList<>();

        Router.Pending pending = router.route("foo.bar", List.of(), null, FREE, 32_000, route -> {});

        assertThat(pending).isNotNull();
        assertThat(driver.held)
                .singleElement()
                .extracting(Driver.ReadCallback::heldBytes)
                .isEqualTo(32_000);
    }

    @Test
    void keepsNothingOfARequestWhoseRouteIsCancelled() {
        driver.held = new ArrayList<>();
        List<Route> routes = new ArrayList<>();
        WeakReference<Object> request = cancelled(routes);

        await().until(() -> {
            System.gc();
            return request.get() == null;
        });
        driver.held.get(0).rows(rows(List.of("site", "http://a:80")));

        assertThat(routes).isEmpty();
    }

    private WeakReference<Object> cancelled(List<Route> routes) {
        byte[] request = new byte[32_000];
        Router.Pending pending = router.route("foo.bar", List.of(), null, FREE, request.length, route -> {
            routes.add(route);
            assertThat(request).isNotEmpty();
        });
        requireNonNull(pending).cancel();
        return new WeakReference<>(request);
    }

    @Test
    void refusesARequestWhoseRouteCausedAnError() {
        List<Route> routes = new ArrayList<>();
        driver.rows = rows(List.of("site", "http://a:80"));

        try (RecordedLog log = RecordedLog.of("io.hipache.routing")) {
            for (int i = 0; i < 5; i++) {
                router.route("foo.bar", List.of(), null, FREE, 0, route -> {
                    routes.add(route);
                    if (route instanceof Route.Chosen) {
                        throw new OutOfMemoryError("thrown by a test");
                    }
                });
            }

            assertThat(routes).hasSize(10);
            assertThat(routes.get(1))
                    .isEqualTo(new Route.Refused(500, EndReason.INTERNAL_ERROR, "internal error", "foo.bar", null));
            assertThat(log.linesWith("unexpected error")).hasSize(1);
        }
    }

    @Test
    void refusesAFrontendOfAnIdentifierOnly() {
        driver.rows = rows(List.of("site"));

        assertThat(route("foo.bar")).isEqualTo(refused(EndReason.NO_LIVE_BACKEND, "Cannot find a valid backend", 0));
    }

    @Test
    void refusesWhenEveryBackendIsDead() {
        driver.rows = rows(List.of("site", "http://a:80", "junk"), 0, 1);

        assertThat(route("foo.bar")).isEqualTo(refused(EndReason.NO_LIVE_BACKEND, "Cannot find a valid backend", 2));
    }

    @Test
    void refusesWhenNoLiveEntryIsAUsableUrl() {
        driver.rows = rows(List.of("site", "http://a:80", "junk", "http://b:99999"), 0);

        assertThat(route("foo.bar")).isEqualTo(refused(EndReason.INVALID_BACKEND, "backend is invalid", 3));
    }

    @Test
    void neverChoosesADeadBackend() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"), 0);

        assertThat(chosenIndexes(200)).containsOnlyKeys(1);
    }

    @Test
    void ignoresDeadIndexesOutsideTheFrontend() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"), -1, 2, 7000);

        assertThat(chosenIndexes(200)).containsOnlyKeys(0, 1);
    }

    @Test
    void neverChoosesAnUnusableEntryAndKeepsTheIndexesOfTheOthers() {
        driver.rows = rows(List.of("site", "something", "http://a:80", "http://:80", "http://b:80"));

        assertThat(chosenIndexes(400)).containsOnlyKeys(1, 3);
    }

    @Test
    void drawsEveryBackendWithTheSameChance() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80", "http://a:80", "http://d:80"));

        Map<Integer, Integer> chosen = chosenIndexes(20_000);

        assertThat(chosen).containsOnlyKeys(0, 1, 2, 3);
        assertThat(chosen.values()).allSatisfy(n -> assertThat(n).isCloseTo(5_000, Percentage.withPercentage(6)));
    }

    @Test
    void drawsEveryUsableBackendWithTheSameChanceAmongManyUnusable() {
        List<String> entries = new ArrayList<>(Collections.nCopies(200, "junk"));
        entries.set(50, "http://a:80");
        entries.set(100, "http://b:80");
        entries.set(150, "http://c:80");
        entries.set(199, "http://dead:80");
        driver.rows = rows(entries, 198);

        Map<Integer, Integer> chosen = chosenIndexes(9_000);

        assertThat(chosen).containsOnlyKeys(49, 99, 149);
        assertThat(chosen.values()).allSatisfy(n -> assertThat(n).isCloseTo(3_000, Percentage.withPercentage(8)));
    }

    @Test
    void findsTheOnlyLiveBackendOfTenThousand() {
        List<String> entries = new ArrayList<>(Collections.nCopies(10_001, "http://a:80"));
        entries.set(9_000, "http://b:80");
        Integer[] dead = new Integer[10_000];
        for (int i = 0; i < dead.length; i++) {
            dead[i] = i == 8_999 ? -1 : i;
        }
        driver.rows = new Rows("foo.bar", entries, Set.of(dead));

        assertThat(chosenIndexes(10)).containsOnlyKeys(8_999);
    }

    @Test
    void doesNotChooseATriedBackendWhileAnotherLives() {
        driver.rows = rows(List.of("site", "http://a:80", "junk", "http://b:80", "http://a:80/other"));

        assertThat(chosenIndexes(400, List.of(A))).containsOnlyKeys(2);
    }

    @Test
    void choosesATriedBackendWhenNoOtherLives() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80", "http://c:80"), 2);

        assertThat(chosenIndexes(400, List.of(A, B))).containsOnlyKeys(0, 1);
    }

    @Test
    void passesOverAFullBackendWhileAnotherHasASocketFree() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80", "http://a:80/other"));

        assertThat(chosenIndexes(400, List.of(), full(A))).containsOnlyKeys(1);
    }

    @Test
    void drawsEveryBackendWithASocketFreeWithTheSameChance() {
        List<String> entries = new ArrayList<>(Collections.nCopies(200, "http://a:80"));
        entries.set(0, "site");
        entries.set(50, "http://b:80");
        entries.set(100, "http://c:80");
        entries.set(150, "http://d:80");
        driver.rows = rows(entries);

        Map<Integer, Integer> chosen = chosenIndexes(9_000, List.of(), full(A));

        assertThat(chosen).containsOnlyKeys(49, 99, 149);
        assertThat(chosen.values()).allSatisfy(n -> assertThat(n).isCloseTo(3_000, Percentage.withPercentage(8)));
    }

    @Test
    void drawsEveryBackendWithTheSameChanceWhereAllAreFull() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));

        Map<Integer, Integer> chosen = chosenIndexes(8_000, List.of(), full(A, B));

        assertThat(chosen.values()).hasSize(2).allSatisfy(n -> assertThat(n)
                .isCloseTo(4_000, Percentage.withPercentage(6)));
    }

    @Test
    void endsALoginOnlyWhereNoBackendHasASocketFree() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));

        assertThat(chosenIndexes(500, List.of(), backend -> backend.equals(A) ? Room.KEPT_SOCKET : Room.SOCKET))
                .containsOnlyKeys(1);
        assertThat(chosenIndexes(500, List.of(), backend -> backend.equals(A) ? Room.KEPT_SOCKET : Room.QUEUE))
                .containsOnlyKeys(0);
    }

    @Test
    void choosesTheBackendOfALoginAlsoWhereItIsFull() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));
        List<Route> routes = new ArrayList<>();
        router.route("foo.bar", List.of(), null, full(A), 0, routes::add);
        Route.Chosen login = (Route.Chosen) routes.get(0);

        router.route("foo.bar", List.of(), login, full(B), 0, routes::add);

        assertThat(login.backend()).isEqualTo(B);
        assertThat(((Route.Chosen) routes.get(1)).backend()).isEqualTo(B);
    }

    @Test
    void namesSomeAlternativesWhereAllAreFull() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));
        List<Route> routes = new ArrayList<>();

        router.route("foo.bar", List.of(), null, full(A, B), 0, routes::add);
        router.route("foo.bar", List.of(), null, full(A), 0, routes::add);

        Route.Chosen waiting = (Route.Chosen) routes.get(0);
        assertThat(waiting.alternatives()).containsExactly(waiting.backend().equals(A) ? B : A);
        assertThat(((Route.Chosen) routes.get(1)).alternatives()).isEmpty();
    }

    @Test
    void drawsAlternativesToo() {
        List<String> entries = new ArrayList<>(List.of("site"));
        for (int i = 0; i < 10; i++) {
            entries.add("http://b" + i + ":80");
        }
        driver.rows = rows(entries);
        Map<String, Integer> drawn = new HashMap<>();

        for (int i = 0; i < 10_000; i++) {
            router.route("foo.bar", List.of(), null, RouterTest::alwaysFull, 0, route -> {
                Route.Chosen chosen = (Route.Chosen) route;
                assertThat(chosen.alternatives()).hasSize(3).doesNotContain(chosen.backend());
                chosen.alternatives().forEach(other -> drawn.merge(other.host(), 1, Integer::sum));
            });
        }

        assertThat(drawn.values()).hasSize(10).allSatisfy(n -> assertThat(n)
                .isCloseTo(3_000, Percentage.withPercentage(8)));
    }

    @Test
    void choosesTheOnlyBackendThoughItIsFull() {
        driver.rows = rows(List.of("site", "http://a:80"));

        assertThat(chosenIndexes(1, List.of(A), full(A))).containsOnlyKeys(0);
    }

    @Test
    void prefersABackendWhereItMayWaitToOneThatRefuses() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));

        assertThat(chosenIndexes(400, List.of(), backend -> backend.equals(A) ? Room.NONE : Room.QUEUE))
                .containsOnlyKeys(1);
    }

    @Test
    void prefersAFullBackendToOneThatFailedForThisRequest() {
        driver.rows = rows(List.of("site", "http://a:80", "http://b:80"));

        assertThat(chosenIndexes(400, List.of(A), full(B))).containsOnlyKeys(1);
    }

    private static Room free(Backend backend) {
        return Room.SOCKET;
    }

    private static Room alwaysFull(Backend backend) {
        return Room.QUEUE;
    }

    private static Function<Backend, Room> full(Backend... full) {
        return backend -> List.of(full).contains(backend) ? Room.QUEUE : Room.SOCKET;
    }

    private static Rows rows(List<String> entries, Integer... dead) {
        return new Rows("foo.bar", entries, Set.of(dead));
    }

    private Map<Integer, Integer> chosenIndexes(int times) {
        return chosenIndexes(times, List.of());
    }

    private Map<Integer, Integer> chosenIndexes(int times, Collection<Backend> tried) {
        return chosenIndexes(times, tried, FREE);
    }

    private Map<Integer, Integer> chosenIndexes(int times, Collection<Backend> tried, Function<Backend, Room> room) {
        Map<Integer, Integer> chosen = new HashMap<>();
        for (int i = 0; i < times; i++) {
            router.route(
                    "foo.bar",
                    tried,
                    null,
                    room,
                    0,
                    route -> chosen.merge(((Route.Chosen) route).index(), 1, Integer::sum));
        }
        return chosen;
    }

    private Route route(@Nullable String host) {
        return route(router, host);
    }

    private static Route route(Router router, @Nullable String host) {
        List<Route> routes = new ArrayList<>();
        router.route(host, List.of(), null, FREE, 0, routes::add);
        assertThat(routes).hasSize(1);
        return routes.get(0);
    }

    /** Answers every look-up at once with the same rows, or says that it cannot. */
    private static final class FakeDriver implements Driver {

        private final List<HostLookup> lookups = new ArrayList<>();
        private @Nullable Rows rows = new Rows(null, List.of(), Set.of());
        private boolean tooLarge;
        private boolean copy;
        /** Not null once the answers are to be held back. */
        private @Nullable List<ReadCallback> held;

        @Override
        public void read(HostLookup lookup, ReadCallback callback) {
            lookups.add(lookup);
            if (held != null) {
                held.add(callback);
            } else if (tooLarge) {
                callback.tooLarge();
            } else if (rows == null) {
                callback.unavailable("away");
            } else {
                callback.rows(rows);
            }
        }

        @Override
        public void markDead(DeadBackend dead, Consumer<Marking> told) {}

        @Override
        public boolean answersFromCopy() {
            return false;
        }

        @Override
        public boolean couldAnswerFromCopy() {
            return copy;
        }

        @Override
        public boolean isReachable() {
            return rows != null;
        }

        @Override
        public boolean activeCheckerAlive() {
            return false;
        }

        @Override
        public void close() {}
    }

    /** What a frontend without a usable backend gets. */
    private static Route.Refused refused(EndReason reason, String message, int backends) {
        Frontend frontend = new Frontend("foo.bar", "foo.bar", "site", backends);
        return new Route.Refused(502, reason, message, "foo.bar", frontend);
    }
}
