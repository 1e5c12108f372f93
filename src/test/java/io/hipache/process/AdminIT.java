package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin listener of the packaged program, on a unix socket. */
class AdminIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void showsWhatTheWorkersCount(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("admin.sock");
        String admin = "\"admin\": {\"socket\": \"" + socket + "\", \"mode\": \"0660\"}";

        try (RunningProgram program = RunningProgram.startWith(folder, admin)) {
            program.awaitOutput("is ready", 1);

            await().atMost(PATIENCE).until(() -> get(socket, "/metrics").contains("\nhipache_workers 1.0\n"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
            String metrics = get(socket, "/metrics");
            assertThat(metrics).contains("\nhipache_build_info{").contains("\nhipache_ready 1.0\n");
            checkWithPromtool(folder, metrics.substring(metrics.indexOf("\r\n\r\n") + 4));
            assertThat(get(socket, "/metrics", "Accept: application/openmetrics-text\r\n"))
                    .endsWith("# EOF\n");
            assertThat(get(socket, "/status.json")).contains("\"obstacle\":\"\"", "\"residentBytes\":");
            assertThat(get(socket, "/frontends.json")).contains("503 ", "Redis 127.0.0.1:1/0: cannot connect");
            assertThat(get(socket, "/readyz")).startsWith("HTTP/1.1 200");
            assertThat(get(socket, "/healthz")).startsWith("HTTP/1.1 200");

            program.reload(1, 0);
            program.awaitOutput("reload complete", 1);
            assertThat(socket).doesNotExist();
        }
    }

    /** Where it is installed. */
    static void checkWithPromtool(Path folder, String metrics) throws Exception {
        Path input = Files.writeString(folder.resolve("metrics"), metrics);
        Process promtool;
        try {
            promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return;
        }
        String problems = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(problems).isZero();
    }

    static String get(Path socket, String path) throws IOException {
        return get(socket, path, "");
    }

    private static String get(Path socket, String path, String fields) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String request = "GET " + path + " HTTP/1.1\r\nHost: hipache\r\nConnection: close\r\n" + fields + "\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 20);
            while (channel.read(answer) >= 0) {
                // until the end
            }
            return StandardCharsets.UTF_8.decode(answer.flip()).toString();
        }
    }
}
