package io.hipache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.config.ConfigLoader;
import io.hipache.driver.redis.ClientName;
import io.hipache.testing.TestRedis;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class StoreSubscriptionTest {

    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    @Test
    void hearsWhatIsPublishedAndComesBackAfterALostConnection() throws Exception {
        try (TestRedis redis = TestRedis.start("s3cret");
                StoreConnection store = open(redis.url());
                StoreSubscription subscription = store.subscription("dead", heard::add)) {
            subscription.keep();
            subscription.keep();
            redis.command("PUBLISH", "other", "no");
            redis.command("PUBLISH", "dead", "one");
            Awaitility.await().until(() -> heard.contains("one"));

            redis.stop();
            assertThatThrownBy(subscription::keep).isInstanceOf(StoreException.class);
            redis.restart();
            subscription.keep();
            redis.command("PUBLISH", "dead", "two");

            Awaitility.await().until(() -> heard.contains("two"));
            assertThat(heard).containsExactly("one", "two");
        }
    }

    @Test
    void hearsNothingAnyMoreOnceItIsClosed() throws Exception {
        try (TestRedis redis = TestRedis.start();
                StoreConnection store = open(redis.url())) {
            StoreSubscription subscription = store.subscription("dead", heard::add);
            subscription.keep();

            subscription.close();

            Awaitility.await().until(() -> Long.valueOf(0).equals(redis.command("PUBLISH", "dead", "x")));
        }
    }

    private static StoreConnection open(String url) throws Exception {
        ConfigLoader loader = new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false);
        return new StoreConnection(
                StoreEndpoints.of(loader.parse("{\"driver\": \"" + url + "\"}").config()), ClientName.CHECKER);
    }
}
