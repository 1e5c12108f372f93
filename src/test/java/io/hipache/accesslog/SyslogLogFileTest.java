package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that a daemon takes, over real sockets. */
class SyslogLogFileTest {
    private static final Pattern MESSAGE = Pattern.compile(
            "<134>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z \\S+ hipache (\\d+) access - (.*)");

    private final Path path;

    SyslogLogFileTest(@TempDir Path folder) {
        path = folder.resolve("log");
    }

    @Test
    void sendsEachLineAsAMessageOfRfc5424() throws Exception {
        try (Daemon daemon = new Daemon(path);
                LogFile log = LogFile.open("syslog:" + path)) {
            log.append(lines("one\ntwo \"2\"\n"));

            Matcher first = MESSAGE.matcher(daemon.next());
            assertThat(first.matches()).isTrue();
            assertThat(Long.parseLong(first.group(1)))
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(first.group(2)).isEqualTo("one");
            assertThat(daemon.nextLine()).isEqualTo("two \"2\"");
        }
    }

    @Test
    void cutsALineOffThatIsTooLong() throws Exception {
        try (Daemon daemon = new Daemon(path);
                LogFile log = LogFile.open("syslog:" + path)) {
            log.append(lines("x".repeat(100_000) + "\nnext\n"));

            assertThat(daemon.next()).hasSize(8192);
            assertThat(daemon.nextLine()).isEqualTo("next");
        }
    }

    @Test
    void sendsToADaemonThatComesLaterAndSaysWhatWasLost() throws Exception {
        try (LogLines messages = new LogLines();
                LogFile log = LogFile.open("syslog:" + path)) {
            log.append(lines("lost\nlost too\n"));
            messages.await("cannot write to the access log, lines are lost: there is no " + path);

            try (Daemon daemon = new Daemon(path)) {
                log.append(lines("one\n"));

                assertThat(daemon.nextLine()).isEqualTo("one");
                messages.await("the access log can be written again, 2 lines were lost");
            }
        }
    }

    @Test
    void findsADaemonThatHasStartedAgain() throws Exception {
        try (LogLines messages = new LogLines();
                LogFile log = LogFile.open("syslog:" + path)) {
            try (Daemon first = new Daemon(path)) {
                log.append(lines("one\n"));
                assertThat(first.nextLine()).isEqualTo("one");
            }
            log.append(lines("lost\n"));
            messages.await("cannot write to the access log, lines are lost");
            Files.deleteIfExists(path);

            try (Daemon second = new Daemon(path)) {
                log.append(lines("two\n"));
                log.reopen();
                log.append(lines("three\n"));

                assertThat(second.nextLine()).isEqualTo("two");
                assertThat(second.nextLine()).isEqualTo("three");
            }
        }
    }

    @Test
    void waitsForADaemonThatIsBusy() throws Exception {
        try (Daemon daemon = new Daemon(path);
                LogFile log = LogFile.open("syslog:" + path)) {
            int count = 300;
            log.append(lines("line\n".repeat(count)));

            for (int i = 0; i < count; i++) {
                assertThat(daemon.nextLine()).isEqualTo("line");
            }
        }
    }

    @Test
    void movesBetweenAFileAndADaemon() throws Exception {
        Path file = path.resolveSibling("access.log");
        try (Daemon daemon = new Daemon(path);
                LogFile log = LogFile.open(file.toString())) {
            log.append(lines("one\n"));
            log.prepareMove("syslog:" + path).make();
            log.append(lines("two\n"));
            assertThat(daemon.nextLine()).isEqualTo("two");

            log.prepareMove(file.toString()).make();
            log.append(lines("three\n"));
            await().until(() -> Files.readString(file).equals("one\nthree\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:", "localhost:"})
    void sendsByUdp(String host) throws Exception {
        try (DatagramSocket daemon = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                LogFile log = LogFile.open("syslog:udp:" + host + daemon.getLocalPort())) {
            log.append(lines("one\ntwo\n"));

            assertThat(received(daemon)).isEqualTo("one");
            assertThat(received(daemon)).isEqualTo("two");
        }
    }

    @Test
    void goesOnAfterADaemonOfUdpWasAway() throws Exception {
        int port;
        try (DatagramSocket daemon = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = daemon.getLocalPort();
        }
        try (LogLines messages = new LogLines("io.hipache.syslog");
                LogFile log = LogFile.open("syslog:udp:127.0.0.1:" + port)) {
            await().until(() -> {
                log.append(lines("lost\n"));
                return messages.has("nobody takes the access log at 127.0.0.1:" + port);
            });

            try (DatagramSocket daemon = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
                log.append(lines("one\n"));

                await().until(() -> received(daemon).equals("one"));
            }
        }
    }

    @Test
    void saysThatANameIsUnknown() throws Exception {
        try (LogLines messages = new LogLines();
                LogFile log = LogFile.open("syslog:udp:no-such-host.invalid:514")) {
            log.append(lines("lost\n"));

            messages.await("lines are lost: the name no-such-host.invalid is unknown");
        }
    }

    private static String received(DatagramSocket daemon) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[10_000], 10_000);
        daemon.setSoTimeout(20_000);
        daemon.receive(packet);
        return text(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII));
    }

    private static String text(String message) {
        Matcher parts = MESSAGE.matcher(message);
        if (!parts.matches()) {
            throw new AssertionError("not a message: " + message);
        }
        return parts.group(2);
    }

    private static ByteBuffer lines(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A log daemon of this machine. */
    private static final class Daemon implements AutoCloseable {
        private final Socket socket = Socket.newSocketDomainDgram();
        private final ByteBuffer datagram = ByteBuffer.allocateDirect(10_000);

        Daemon(Path path) throws IOException {
            socket.bind(new DomainSocketAddress(path.toString()));
        }

        String next() {
            return await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(this::received, text -> !text.isEmpty());
        }

        String nextLine() {
            return text(next());
        }

        private String received() throws IOException {
            datagram.clear();
            int length = socket.recv(datagram, 0, datagram.capacity());
            byte[] bytes = new byte[Math.max(0, length)];
            datagram.get(bytes);
            return new String(bytes, StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
