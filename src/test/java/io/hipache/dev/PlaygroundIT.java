package io.hipache.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PlaygroundIT {
    private static final Pattern BACKEND = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    @Test
    void registersTwoBackendsThatSayWhoTheyAre() throws Exception {
        try (Playground playground = Playground.start(0, "")) {
            String frontend = redis(playground.redisPort(), "LRANGE frontend:localhost 0 -1");

            List<String> urls =
                    BACKEND.matcher(frontend).results().map(MatchResult::group).toList();
            assertThat(frontend).contains("example");
            assertThat(urls).hasSize(2);
            assertThat(get(urls.get(0))).startsWith("I am the red backend at " + urls.get(0));
            assertThat(get(urls.get(1))).startsWith("I am the blue backend at " + urls.get(1));
        }
    }

    @Test
    void keepsItsRedisToItselfAndOffTheDisk() throws Exception {
        try (Playground playground = Playground.start(0, "")) {
            int port = playground.redisPort();

            assertThat(redis(port, "CONFIG GET bind")).contains("\r\n127.0.0.1\r\n");
            assertThat(redis(port, "CONFIG GET save")).contains("save\r\n$0\r\n");
            assertThat(redis(port, "CONFIG GET appendonly")).contains("no");
        }
    }

    @Test
    void listensWhereItIsAsked() throws Exception {
        int port = TestRedis.freePort();

        try (Playground playground = Playground.start(port, "")) {
            assertThat(playground.redisPort()).isEqualTo(port);
            assertThat(playground.introduction(new Surroundings("http://127.0.0.1:1080/", null, () -> "{}")))
                    .contains(
                            "curl -H 'Host: localhost' http://127.0.0.1:1080/",
                            "redis-cli -p " + port + " rpush frontend:hello.localhost mywebsite http://127.0.0.1:");
        }
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Playground.start(taken.getLocalPort(), ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("port " + taken.getLocalPort() + " for Redis is not free")
                    .hasMessageEndingWith("Leave --dev-redis-port out, then a free one is chosen");
        }
    }

    @Test
    void showsAPageToBrowsersAndATextToOthers() throws Exception {
        try (Playground playground = Playground.start(0, "")) {
            playground.show(new Surroundings(
                    "http://127.0.0.1:1080/", "http://127.0.0.1:1/", () -> "{\"workers\": {\"processes\": []}}"));
            String frontend = redis(playground.redisPort(), "LRANGE frontend:localhost 0 -1");
            String url = BACKEND.matcher(frontend)
                    .results()
                    .findFirst()
                    .orElseThrow()
                    .group();

            assertThat(get(url, "Accept", "text/html,*/*;q=0.8")).contains("<title>Hipache --dev</title>");
            assertThat(get(url)).startsWith("I am the red backend");
            assertThat(get(url + "/.hipache-dev/status.json"))
                    .contains(
                            "\"asked\":\"red\"",
                            "{\"name\":\"red\",\"url\":\"" + url + "\",\"answered\":2}",
                            "\"example\":\"http://hello.localhost:1080/\"",
                            "{\"name\":\"localhost\",\"backends\":[\"" + url + "\"");
        }
    }

    @Test
    void keepsNoFolderOnceItRuns() throws Exception {
        try (Playground playground = Playground.start(0, "")) {
            assertThat(redis(playground.redisPort(), "PING")).startsWith("+PONG");
            assertThat(folder()).endsWith(" (deleted)");
        }
    }

    @Test
    void leavesNothingBehind() throws Exception {
        Playground playground = Playground.start(0, "");
        int port = playground.redisPort();

        playground.close();
        playground.close();

        await().untilAsserted(
                        () -> assertThatThrownBy(() -> redis(port, "PING")).isInstanceOf(IOException.class));
    }

    /** The folder in which Redis runs, as the kernel names it. */
    private static String folder() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> Path.of("/proc", String.valueOf(process.pid()), "cwd"))
                .map(PlaygroundIT::target)
                .filter(folder -> folder.contains("/hipache-redis-"))
                .findFirst()
                .orElseThrow();
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // the process has ended
            return "";
        }
    }

    private static String get(String url, String... fields) throws Exception {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url));
        HttpRequest request = (fields.length == 0 ? builder : builder.headers(fields)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    private static String redis(int port, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
