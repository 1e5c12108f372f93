package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.functional.ScriptedChecker.Check;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code server.deadKey} and {@code server.deadAnnounceUrl}: deaths told in the way that a monitor wants to hear them. */
class DeathSettingsIT {

    @Test
    void theCheckerTakesADeadBackendOfAWildcardOut() throws IOException {
        try (TestHipache hipache = TestHipache.with("'deadKey': 'matched'");
                ScriptedChecker checker = ScriptedChecker.start(hipache.redis());
                TestBackend down = TestBackend.start().misbehaves(new Misbehaviour.Refuse());
                TestBackend alive = TestBackend.named("alive")) {
            TestRedis redis = hipache.redis();
            hipache.host("*.example").connects(down, alive);
            redis.sadd("dead:a.example", "1");
            hipache.host("a.example").gets(502);
            redis.del("dead:a.example");

            Check check = checker.hears();
            assertThat(check).isEqualTo(new Check("*.example", down.url(), 0, 2));
            assertThat(checker.marksDead(check)).isTrue();

            int connections = down.connections();
            for (int i = 0; i < 16; i++) {
                assertThat(hipache.host("b" + i + ".example").gets(200).body()).isEqualTo("alive");
            }
            assertThat(down.connections()).isEqualTo(connections);
        }
    }

    @Test
    void marksADeathForAllHostsOfAWildcard() throws IOException {
        try (TestHipache hipache = TestHipache.with("'deadKey': 'matched', 'lruCache': {'ttl': 60}");
                Announcements announcements = Announcements.listen(hipache.redis());
                TestBackend alive = TestBackend.named("alive")) {
            String dead = DeadAddress.url();
            hipache.host("*.example").lists(dead, alive.url());

            Awaitility.await().until(() -> {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("alive");
                return hipache.redis().exists("dead:*.example");
            });

            assertThat(announcements.next()).isEqualTo("*.example;" + dead + "/;0;2");
            assertThat(hipache.redis().command("SMEMBERS", "dead:*.example")).isEqualTo(List.of("0"));
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void announcesTheUrlAsPlanbsMonitorsLookForIt() throws IOException {
        try (TestHipache hipache = TestHipache.with("'deadAnnounceUrl': 'raw'");
                Announcements announcements = Announcements.listen(hipache.redis())) {
            String dead = DeadAddress.url();
            hipache.host("a.example").lists(dead, dead);
            hipache.host("b.example").lists(dead + "/a;b", dead);
            hipache.redis().sadd("dead:a.example", "1");
            hipache.redis().sadd("dead:b.example", "1");

            hipache.host("a.example").gets(502);
            hipache.host("b.example").gets(502);

            assertThat(announcements.next()).isEqualTo("a.example;" + dead + ";0;2");
            assertThat(announcements.next()).isEqualTo("b.example;" + dead + "/a%3Bb;0;2");
        }
    }
}
