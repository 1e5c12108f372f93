package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.RespConnection;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever somebody put into the store costs that host at worst, and a request cannot ask for too much. */
class LimitsIT {
    private static TestHipache hipache;

    private TestBackend backend;

    @BeforeAll
    static void start() {
        hipache = TestHipache.start();
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void startBackend() {
        hipache.redis().flush();
        backend = TestBackend.answering(Response.ok("hello"));
        hipache.host("good.example").connects(backend);
    }

    /** Whatever came before. */
    @AfterEach
    void othersAreServed() {
        assertThat(hipache.host("good.example").gets(200).body()).isEqualTo("hello");
        backend.close();
    }

    @Test
    void findsTheOneLiveBackendOfTenThousand() {
        int alive = 7_777;
        List<String> urls = IntStream.range(0, 10_000)
                .mapToObj(i -> i == alive ? backend.url() : "http://10.0.0.1:" + (i + 1))
                .toList();
        String[] dead = IntStream.range(0, 10_000)
                .filter(i -> i != alive)
                .mapToObj(String::valueOf)
                .toArray(String[]::new);
        hipache.host("big.example").lists(urls.toArray(String[]::new));
        hipache.redis().sadd("dead:big.example", dead);

        for (int i = 0; i < 5; i++) {
            assertThat(getWithDebug("big.example").header("x-debug-backend-id")).isEqualTo("7777");
        }
    }

    @ParameterizedTest
    @CsvSource({"SET, value", "SADD, member"})
    void aFrontendThatIsNoListIsA502(String command, String value) {
        hipache.redis().command(command, "frontend:bad.example", value);
        hipache.redis().command("HSET", "frontend:*.bad.example", "field", "value");
        List<String> hosts = List.of("bad.example", "good.example", "sub.bad.example", "good.example", "bad.example");
        List<RawClient> clients =
                Stream.generate(hipache::client).limit(hosts.size()).toList();

        for (int i = 0; i < hosts.size(); i++) {
            clients.get(i).get(hosts.get(i), "/");
        }

        assertThat(clients)
                .extracting(client -> client.readResponse().status())
                .containsExactly(502, 200, 502, 200, 502);
        clients.forEach(RawClient::close);
    }

    @Test
    void aListBehindTheOneThatWasFoundDoesNoHarm() {
        hipache.redis().command("SET", "frontend:*.example", "no list");

        assertThat(hipache.host("good.example").gets(200).body()).isEqualTo("hello");
    }

    @Test
    void aDeadSetThatIsNoneCostsThatHostAtMost() {
        hipache.host("bad.example").connects(backend, backend);
        hipache.redis().command("SET", "dead:bad.example", "1");

        assertThat(getWithDebug("bad.example").status()).isIn(200, 502);
    }

    @Test
    void junkInADeadSetIsIgnored() {
        hipache.host("bad.example").connects(backend);
        hipache.redis().sadd("dead:bad.example", "", "-1", "0x0", " 0", "00000000000", "1e0", "\u0660", "999999999999");

        assertThat(hipache.host("bad.example").gets(200).body()).isEqualTo("hello");
    }

    @Test
    void bytesThatAreNoUtf8AreNeitherPickedNorRenumberTheOthers() {
        byte[] junk = {'h', 't', 't', 'p', ':', '/', '/', (byte) 0xff, (byte) 0xc0, 0, (byte) 0xed, (byte) 0xa0};
        try (RespConnection redis = hipache.redis().connect()) {
            redis.command(
                    ascii("RPUSH"), ascii("frontend:bad.example"), junk, junk, new byte[0], ascii(backend.url()), junk);
            redis.command(ascii("SADD"), ascii("dead:bad.example"), junk);
        }

        for (int i = 0; i < 10; i++) {
            ReceivedResponse response = getWithDebug("bad.example");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("x-debug-backend-id")).isEqualTo("2");
        }
    }

    @Test
    void aVeryLongIdentifierOrEntryDoesNoHarm() {
        // together less than the list may take
        String long1 = "x".repeat(1 << 18);
        hipache.redis().rpush("frontend:bad.example", long1, "http://" + long1, backend.url());

        for (int i = 0; i < 10; i++) {
            assertThat(getWithDebug("bad.example").header("x-debug-backend-id")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://127.0.0.1:80",
                "http://127.0.0.1:0",
                "http://127.0.0.1:65536",
                "//127.0.0.1",
                "http://[::1",
                "http://a b/",
                "http://:80",
                "127.0.0.1:80",
                "http:/127.0.0.1"
            })
    void anEntryThatIsNoUsableUrlIsNeverPicked(String entry) {
        hipache.host("bad.example").lists(entry);

        ReceivedResponse page = getWithDebug("bad.example");

        assertThat(page.status()).isEqualTo(502);
        assertThat(page.header("x-debug-error")).isEqualTo("backend is invalid");
    }

    @Test
    void aHostThatIsTooLongOrNoNameIsRefused() {
        hipache.host("*").connects(backend);
        String longest = String.join(".", Collections.nCopies(127, "a")) + ".x";
        for (String host : List.of(longest + "y", "a/b", "a b", "a\u00e9", "a\"b", "a%b", "a,b", "")) {
            assertThat(getWithDebug(host).status()).as(host).isEqualTo(400);
        }

        assertThat(getWithDebug(longest).status()).isEqualTo(200);
        assertThat(getWithDebug("under_score-1.example").status()).isEqualTo(200);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static ReceivedResponse getWithDebug(String host) {
        try (RawClient client = hipache.client()) {
            return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\n\r\n")
                    .readResponse();
        }
    }
}
