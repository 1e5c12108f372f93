package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same id reaches the backend and the client. */
class RequestIdsIT {
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'requestId': 'answer', 'tracing': true");
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
    void goToTheBackendAndToTheClient() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));

        ReceivedResponse response = send("a.example", "X-Debug: 1");

        String id = response.header("x-request-id");
        assertThat(id).matches(UUID);
        assertThat(response.header("x-debug-request-id")).isEqualTo(id);
        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("x-request-id")).isEqualTo(id);
        assertThat(request.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    }

    @Test
    void takeTheOneOfATrustedProxy() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));

        ReceivedResponse response = send("a.example", "X-Request-Id: from-the-edge");

        assertThat(response.header("x-request-id")).isEqualTo("from-the-edge");
        assertThat(backend.awaitRequest().header("x-request-id")).isEqualTo("from-the-edge");
    }

    @Test
    void replaceWhatTheBackendSays() {
        hipache.backendOf("a.example", Response.ok("hello").header("X-Request-Id", "theirs"));

        ReceivedResponse response = send("a.example", "X-Request-Id: ours");

        assertThat(response.head().raw()).doesNotContain("theirs").contains("x-request-id: ours");
    }

    @Test
    void areOnErrorPages() {
        assertThat(send("unknown.example", "A: b").header("x-request-id")).matches(UUID);
    }

    private static ReceivedResponse send(String host, String header) {
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n" + header + "\r\n\r\n");
            return client.readResponse();
        }
    }
}
