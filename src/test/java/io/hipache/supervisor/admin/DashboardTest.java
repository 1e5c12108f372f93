package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.figures.BackendUse;
import io.hipache.figures.Event;
import io.hipache.figures.Expiry;
import io.hipache.figures.Gauge;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.testing.Browser;
import io.hipache.testing.ExchangeEnds;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page of the admin listener in a real browser. Skipped where no Chromium is installed. With {@code -Dhipache.screenshots=FOLDER} it
 * leaves pictures to look at.
 */
class DashboardTest {
    private static final @Nullable String PICTURES = System.getProperty("hipache.screenshots");
    private static final long DAY_MILLIS = 86_400_000;

    private static @Nullable Browser browser;
    private static @Nullable TestRedis redis;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final FakeWorker worker = new FakeWorker(4711);
    private @Nullable AdminListener listener;

    @BeforeAll
    static void start(@TempDir Path profile) throws Exception {
        Optional<Path> program = Browser.installed();
        assumeTrue(program.isPresent(), "no Chromium is installed, the page is not tested");
        redis = TestRedis.start();
        browser = Browser.start(program.orElseThrow(), profile);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        redis().flush();
        String json = "{'driver': 'redis://127.0.0.1:" + redis().port()
                + "', 'server': {'workers': 1, 'admin': {'port': 0, 'token': 's3cret', 'write': true}}}";
        HipacheConfig config = ConfigJson.decode(json.replace('\'', '"'));
        listener = AdminListener.open(group, config, false);
        listener.ask(asker -> asker.accept(new Facts(config, true, false, true)));
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.close();
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void searchesExplainsAndChangesByTheKeyboardAlone() throws Exception {
        redis().rpush("frontend:*.foo.org", "site", "http://a:80", "http://b:80");
        redis().rpush("frontend:bar.org", "bar", "http://a:80");
        redis().sadd("dead:www.foo.org", "0");
        redis().command("EXPIRE", "dead:www.foo.org", "100");
        report("*.foo.org");
        browser().show(1200, 900, "light");
        login();

        browser().await("#found", "2 hosts");
        browser().focus("#query");
        browser().type("bar");
        browser().await("#found", "1 of 2 hosts matches.");
        assertThat(browser().text("#rows")).contains("bar.org").doesNotContain("foo.org");
        browser().value("document.querySelector('#query').select()");
        browser().type("www.foo.org");
        browser().press("Enter");

        browser().await("#host-title", "www.foo.org");
        browser().await("#verdict", "The next request gets to http://b:80, the only backend that counts as alive.");
        assertThat(browser().text("#names")).contains("*.foo.org\tmatches, 2 backends");
        assertThat(browser().text("#backends tr")).contains("#0 http://a:80", "dead, hard failure", "in ");
        assertThat(browser().value("document.activeElement.id")).isEqualTo("host-title");

        browser().focus("[aria-label='Revive http://a:80']");
        browser().press("Enter");
        browser().await("#changed", "revive http://a:80: done");
        assertThat(redis().exists("dead:www.foo.org")).isFalse();
        browser().await("#verdict", "one of 2 backends");

        browser().focus("[aria-label='Drain http://b:80']");
        browser().press("Enter");
        browser().await("#question", "Drain http://b:80 from *.foo.org?");
        assertThat(browser().value("document.activeElement.id")).isEqualTo("no");
        browser().press("Tab");
        browser().press("Enter");
        browser().await("#changed", "drain http://b:80: done, *.foo.org has 1 backend now");
        use(List.of(new BackendUse("http://b:80", 2, 1)));
        browser().await("#changed", "2 requests and 1 WebSocket of this machine are under way there");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        do {
            use(List.of());
        } while (!browser().text("#changed").contains("nothing of this machine is under way there any more")
                && System.nanoTime() - deadline < 0);
        browser().await("#changed", "nothing of this machine is under way there any more");

        browser().focus("[aria-label='Drain http://a:80']");
        browser().press("Enter");
        browser().await("#question", "Drain http://a:80 from *.foo.org?");
        browser().press("Tab");
        browser().press("Enter");
        browser().await("#changed", "would be left without a backend that counts as alive");

        browser().focus("#url");
        browser().type("http://c:80");
        browser().press("Enter");
        browser().await("#changed", "add http://c:80: done");
        browser().await("#happened", "backends_added");
        assertThat(redis().command("LRANGE", "frontend:*.foo.org", "0", "-1"))
                .isEqualTo(List.of("site", "http://a:80", "http://c:80"));
        assertThat(browser().errors()).isEmpty();
    }

    @Test
    void textOfRedisIsNeverHtml() throws Exception {
        redis().rpush("frontend:foo.org", "<img src=x onerror=alert(1)>", "<b>x</b>", "http://a:80");
        login();

        browser().await("#rows", "foo.org");
        browser().value("location.hash = '#host=foo.org'");

        browser().await("#notes", "Identifier: <img src=x onerror=alert(1)>");
        browser().await("#backends", "<b>x</b>");
        assertThat(browser().value("document.querySelectorAll('#host img, #host b').length"))
                .isEqualTo("0");
    }

    @Test
    void everyFieldHasALabelAndNothingOverflows() throws Exception {
        for (int i = 0; i < 5; i++) {
            redis().rpush(
                            "frontend:app" + i + ".a-rather-long-name-of-a-customer.example.com",
                            "app" + i,
                            "http://10.0.0.1:80");
        }
        report("app1.a-rather-long-name-of-a-customer.example.com");
        login();
        browser().await("#found", "5 hosts");
        browser().value("location.hash = '#host=app1.a-rather-long-name-of-a-customer.example.com'");
        browser().await("#backends", "http://10.0.0.1:80");

        assertThat(
                        browser()
                                .value(
                                        "[...document.querySelectorAll('input')].filter(input => input.labels.length !== 1).length"))
                .isEqualTo("0");
        assertThat(
                        browser()
                                .value(
                                        "[...document.querySelectorAll('button')].filter(button => !(button.ariaLabel || button.textContent) && button.id !== 'yes').length"))
                .isEqualTo("0");
        for (int width : List.of(360, 1200)) {
            for (String scheme : List.of("light", "dark")) {
                browser().show(width, 900, scheme);
                assertThat(browser().value("document.documentElement.scrollWidth <= innerWidth"))
                        .as("a page of %d pixels", width)
                        .isEqualTo("true");
                assertThat(Double.parseDouble(browser().value(CONTRAST)))
                        .as("the least contrast of %s", scheme)
                        .isGreaterThan(4.5);
                picture("5-" + scheme + "-" + width);
            }
        }
    }

    @Test
    void searchesIn100000Hosts() throws Exception {
        redis().command(
                        "EVAL",
                        "for i = 0, 99999 do redis.call('RPUSH', 'frontend:app' .. i .. '.customers.example.com', 'app' .. i,"
                                + " 'http://10.0.0.1:80', 'http://10.0.0.2:80') end",
                        "0");
        report("app7.customers.example.com");
        login();

        browser().await("#found", "100,000 hosts, 50 are shown");
        assertThat(browser().text("#rows tr")).contains("app7.customers.example.com");
        browser().focus("#query");
        browser().type("p9999");
        browser().await("#found", "11 of 100,000 hosts match.");
        assertThat(browser().value("document.querySelectorAll('#rows tr').length"))
                .isEqualTo("11");
        long millis = Long.parseLong(
                browser()
                        .value(
                                "(async () => { const start = performance.now(); await fetch('frontends.json?search=99', {headers:"
                                        + " {Authorization: 'Bearer s3cret'}}); return Math.round(performance.now() - start); })()"));
        assertThat(millis).as("milliseconds of a search").isLessThan(500);
        for (String scheme : List.of("light", "dark")) {
            browser().show(1200, 900, scheme);
            picture("100000-" + scheme);
        }
    }

    /** The least contrast of a text to what is behind it (WCAG 2.2 §1.4.3). */
    private static final String CONTRAST =
            """
            (() => {
              const channels = text => text.match(/[\\d.]+/g).map(Number);
              const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
              const ground = element => {
                for (let at = element; at; at = at.parentElement) {
                  const color = channels(getComputedStyle(at).backgroundColor);
                  if (color.length < 4 || color[3] > 0) return color;
                }
                return [255, 255, 255];
              };
              return Math.min(...[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
                && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
                const [a, b] = [light(channels(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
                return (a + 0.05) / (b + 0.05);
              }));
            })()""";

    private void login() {
        browser().open("http://127.0.0.1:" + Objects.requireNonNull(listener).port() + "/");
        browser().await("#state", "The figures need the token.");
        browser().focus("#token");
        browser().type("s3cret");
        browser().press("Enter");
        browser().await("#state", "ready");
    }

    /** The worker reports what is under way. */
    private void use(List<BackendUse> backends) {
        worker.figures.use(backends);
        Objects.requireNonNull(listener).received(worker, worker.report());
    }

    /** Figures of a host that fails, of a certificate that ends soon, and of a worker. */
    private void report(String host) {
        AttemptOutcome refused = new AttemptOutcome("http://10.0.0.1:80/", 0, EndReason.CONNECT_REFUSED, 0, 0, 0, 1);
        AttemptOutcome answered = new AttemptOutcome("http://10.0.0.1:80/", 0, EndReason.ANSWERED, 0, 0, 1, 1);
        for (int i = 0; i < 40; i++) {
            boolean fails = i % 4 == 0;
            worker.figures.count(ExchangeEnds.of(
                    host,
                    fails ? 502 : 200,
                    fails ? EndReason.CONNECT_REFUSED : EndReason.ANSWERED,
                    List.of(fails ? refused : answered),
                    1,
                    7_000_000));
        }
        long now = System.currentTimeMillis();
        worker.figures.happened(new Event(now, Event.Kind.MARK, host, "http://10.0.0.1:80/", "marked"));
        worker.figures.expire(List.of(new Expiry(host, now + 5 * DAY_MILLIS), new Expiry("*", now + 80 * DAY_MILLIS)));
        worker.figures.set(Gauge.RESIDENT_BYTES, 100_000_000);
        worker.figures.set(Gauge.STORE_USABLE, 1);
        Objects.requireNonNull(listener).received(worker, worker.report());
    }

    private static void picture(String name) throws Exception {
        if (PICTURES != null) {
            browser().screenshot(Files.createDirectories(Path.of(PICTURES)).resolve(name + ".png"));
        }
    }

    private static Browser browser() {
        return Objects.requireNonNull(browser);
    }

    private static TestRedis redis() {
        return Objects.requireNonNull(redis);
    }
}
