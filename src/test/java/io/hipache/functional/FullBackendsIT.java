package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.testing.Drip;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clients that keep all sockets of a backend keep nobody from being served by another backend. */
class FullBackendsIT {
    private static final int SOCKETS = 10;
    private static final String KEYS = "'maxSockets': " + SOCKETS;

    @Test
    void manyIdleWebSocketsLeaveRoomForRequestsOnTheirOwnBackend() {
        Reply chatOrPage = (request, wire) -> {
            if (request.header("upgrade") != null) {
                wire.send(Tunnels.GRANT);
                wire.awaitClose();
            } else {
                Response.ok("page").answer(request, wire);
            }
        };
        try (TestHipache hipache = TestHipache.start()) {
            TestBackend backend = hipache.backendOf("a.example", chatOrPage);
            List<RawClient> clients = clients(hipache, 240, Tunnels.ASK);
            long granted = clients.stream()
                    .filter(client -> client.readHead().startLine().contains(" 101 "))
                    .count();

            assertThat(granted).isEqualTo(75);
            assertThat(backend.requests())
                    .as("the others never reached the backend")
                    .hasSize(75);
            for (int i = 0; i < 30; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("page");
            }
            assertThat(hipache.ends())
                    .filteredOn(end -> end.status() == 503)
                    .hasSize(165)
                    .allSatisfy(end -> assertThat(end.reason()).isEqualTo(EndReason.SOCKETS_FULL));
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void anUpgradeGoesToTheBackendThatMayHaveOneMore() {
        Reply chat = (request, wire) -> {
            wire.send(Tunnels.GRANT);
            wire.awaitClose();
        };
        try (TestHipache hipache = TestHipache.with("'maxSockets': 4, 'maxTunnels': 50");
                TestBackend one = TestBackend.answering(chat);
                TestBackend other = TestBackend.answering(chat)) {
            hipache.host("a.example").connects(one, other);

            List<RawClient> clients = clients(hipache, 4, Tunnels.ASK);

            assertThat(clients)
                    .allSatisfy(
                            client -> assertThat(client.readHead().startLine()).contains(" 101 "));
            // who waits is served by the backend that has a socket free first
            assertThat(one.requests().size() + other.requests().size()).isEqualTo(4);
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void uploadsThatStallHalfwayLeaveTheOtherBackendToTheOthers() {
        String upload = "POST / HTTP/1.1\r\nHost: busy.example\r\nContent-Length: 100\r\n\r\n.";

        othersAreServedWhile(upload, Response.ok());
    }

    @Test
    void clientsThatDoNotReadLeaveTheOtherBackendToTheOthers() {
        String download = "GET / HTTP/1.1\r\nHost: busy.example\r\n\r\n";

        othersAreServedWhile(download, (request, wire) -> {
            byte[] piece = new byte[1 << 16];
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            while (true) {
                wire.send(piece);
            }
        });
    }

    private static void othersAreServedWhile(String occupying, Reply reply) {
        try (TestHipache hipache = TestHipache.with(KEYS);
                TestBackend free = TestBackend.named("free")) {
            TestBackend full = hipache.backendOf("busy.example", reply);
            hipache.host("a.example").connects(full, free);
            List<RawClient> occupants = clients(hipache, 3 * SOCKETS, occupying);
            Awaitility.await().until(() -> full.requests().size() == SOCKETS);

            for (int i = 0; i < 30; i++) {
                assertThat(hipache.host("a.example").gets(200).body()).isEqualTo("free");
            }

            occupants.forEach(RawClient::close);
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void whereAllAreFullTheAnswerNamesTheLimit() {
        CountDownLatch answer = new CountDownLatch(1);
        try (TestHipache hipache = TestHipache.with("'maxSockets': 1, 'maxWaiting': 1, 'retryOnError': 3");
                TestBackend one = TestBackend.answering(Response.ok().after(answer));
                TestBackend other = TestBackend.answering(Response.ok().after(answer))) {
            hipache.host("a.example").connects(one, other);
            List<RawClient> inside = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                inside.add(hipache.client().get("a.example", "/" + i));
                // what is asked of the store later is answered later: this one has its place by now
                hipache.host("unknown.example").gets(400);
            }

            try (RawClient client = hipache.client()) {
                ReceivedResponse page = client.send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Debug: 1\r\n\r\n")
                        .readResponse();

                assertThat(page.status()).isEqualTo(503);
                assertThat(page.header("retry-after")).isEqualTo("1");
                assertThat(page.header("x-debug-error")).contains("server.maxSockets", "server.maxWaiting");
                assertThat(client.get("__ping__", "/").readResponse().status()).isEqualTo(200);
            }
            answer.countDown();
            assertThat(inside)
                    .allSatisfy(
                            client -> assertThat(client.readResponse().status()).isEqualTo(200));
            inside.forEach(RawClient::close);
            // one that waits goes to the backend that is free first
            assertThat(one.requests().size() + other.requests().size()).isEqualTo(4);
            assertThat(one.requests()).isNotEmpty();
            assertThat(other.requests()).isNotEmpty();
            assertThat(hipache.redis().exists("dead:a.example")).isFalse();
        }
    }

    @Test
    void aRequestThatWaitsGoesToTheBackendThatIsFreeFirst() {
        Drip endless = new Drip();
        CountDownLatch answer = new CountDownLatch(1);
        try (TestHipache hipache = TestHipache.with("'maxSockets': 1");
                TestBackend stuck = TestBackend.answering(Response.ok("stuck").from(endless));
                TestBackend other = TestBackend.answering(Response.ok("free").after(answer))) {
            hipache.host("stuck.example").connects(stuck);
            hipache.host("other.example").connects(other);
            hipache.host("a.example").connects(stuck, other);
            RawClient occupant = hipache.client().get("stuck.example", "/");
            occupant.readHead();
            RawClient holder = hipache.client().get("other.example", "/");
            other.awaitRequest();
            List<RawClient> waiting = Stream.generate(() -> hipache.client().get("a.example", "/"))
                    .limit(16)
                    .toList();
            hipache.host("unknown.example").gets(400);

            answer.countDown();

            assertThat(holder.readResponse().status()).isEqualTo(200);
            assertThat(waiting)
                    .allSatisfy(
                            client -> assertThat(client.readResponse().body()).isEqualTo("free"));
            waiting.forEach(RawClient::close);
            holder.close();
            occupant.close();
        }
    }

    private static List<RawClient> clients(TestHipache hipache, int count, String request) {
        return Stream.generate(() -> hipache.client().send(request))
                .limit(count)
                .toList();
    }
}
