package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.BigBody;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which page is shown, how it is sent, and what becomes of the connection. */
class ErrorPagesIT {
    private static final Path OURS = Path.of("static-errors");

    private static TestHipache hipache;

    private final Path folder;

    ErrorPagesIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'tcpTimeout': 1");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @Test
    void showsThePageOfTheStatusAndForbidsToKeepIt() throws IOException {
        hipache.host("empty.example").lists();

        assertIsPage(hipache.host("unknown.example").gets(400), "error_400.html");
        assertIsPage(hipache.host("empty.example").gets(502), "error_502.html");
    }

    @Test
    void showsAPageWhenTheBackendTakesTooLong() throws IOException {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());

        assertIsPage(hipache.host("a.example").gets(504), "error_504.html");
    }

    @Test
    void prefersThePageOfTheStatusToTheDefaultPage() throws IOException {
        Files.writeString(folder.resolve("error_502.html"), "bad gateway, \u00e9");
        Files.writeString(folder.resolve("error_default.html"), "anything else");
        try (TestHipache own = withPagesOf(folder)) {
            own.host("empty.example").lists();

            assertThat(own.host("empty.example").gets(502).body()).isEqualTo("bad gateway, \u00e9");
            assertThat(own.host("unknown.example").gets(400).body()).isEqualTo("anything else");
        }
    }

    @Test
    void showsTheMessageWhereThereIsNoPage() throws IOException {
        Files.writeString(folder.resolve("error_502.html"), "bad gateway");
        try (TestHipache own = withPagesOf(folder)) {
            ReceivedResponse page = own.host("unknown.example").gets(400);

            assertThat(page.body()).isEqualTo("frontend not found");
            assertThat(page.header("content-type")).isEqualTo("text/plain");
        }
    }

    @Test
    void readsAPageAgainWhenItHasChanged() throws IOException {
        Path page = Files.writeString(folder.resolve("error_400.html"), "as it was");
        try (TestHipache own = withPagesOf(folder)) {
            assertThat(own.host("unknown.example").gets(400).body()).isEqualTo("as it was");

            Files.writeString(page, "as it is now");
            await().until(() -> own.host("unknown.example").gets(400).body().equals("as it is now"));

            Files.delete(page);
            await().until(() -> own.host("unknown.example").gets(400).body().equals("frontend not found"));
        }
    }

    @Test
    void answersHeadWithTheHeadOfThePage() throws IOException {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: unknown.example\r\n\r\n");
            client.get("a.example", "/");

            assertThat(client.readResponseToHead().header("content-length"))
                    .isEqualTo(String.valueOf(Files.size(OURS.resolve("error_400.html"))));
            assertThat(client.readResponse().body()).isEqualTo("hello");
        }
    }

    @Test
    void keepsTheConnectionOfARequestThatWasReadWhole() {
        hipache.host("dead.example").lists(DeadAddress.url());
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = hipache.client()) {
            client.send("POST / HTTP/1.1\r\nHost: dead.example\r\nContent-Length: 4\r\n\r\nbody");

            assertThat(client.readResponse().status()).isEqualTo(502);
            assertThat(client.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    @Test
    void closesBehindARequestThatWasNotReadWhole() {
        try (RawClient client = hipache.client()) {
            client.send("POST / HTTP/1.1\r\nHost: unknown.example\r\nContent-Length: 4\r\n\r\nbo");

            ReceivedResponse page = client.readResponse();
            assertThat(page.status()).isEqualTo(400);
            assertThat(page.header("connection")).isEqualTo("close");
            client.expectClosed();
        }
    }

    @Test
    void aClientStillSendingGetsThePage() {
        BigBody body = BigBody.ofMebibytes(16);
        try (RawClient client = hipache.client()) {
            client.send("POST / HTTP/1.1\r\nHost: unknown.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send(body);

            assertThat(client.readResponse().status()).isEqualTo(400);
            client.expectClosed();
        }
    }

    @Test
    void closesTheConnectionOfAClientThatWantsThat() {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: unknown.example\r\nConnection: close\r\n\r\n");

            assertThat(client.readResponse().header("connection")).isEqualTo("close");
            client.expectClosed();
        }
    }

    private static void assertIsPage(ReceivedResponse page, String file) throws IOException {
        assertThat(page.bodyBytes()).isEqualTo(Files.readAllBytes(OURS.resolve(file)));
        assertThat(page.header("content-type")).isEqualTo("text/html");
        assertThat(page.header("cache-control")).isEqualTo("no-cache");
        assertThat(page.header("pragma")).isEqualTo("no-cache");
        assertThat(page.header("expires")).isEqualTo("-1");
        assertThat(page.header("content-length")).isEqualTo(String.valueOf(page.bodyBytes().length));
    }

    private static TestHipache withPagesOf(Path folder) {
        return TestHipache.with("'staticDir': '" + folder + "'");
    }
}
