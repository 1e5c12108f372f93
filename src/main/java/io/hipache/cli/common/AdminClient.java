package io.hipache.cli.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipache.config.HipacheConfig;
import io.hipache.config.address.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the admin listener of the program that runs with this configuration, at its address or its unix socket. Each question takes
 * three seconds at most.
 */
public final class AdminClient {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** An answer for 100,000 hosts has less. */
    private static final int MOST_BYTES = 64 << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final SocketAddress address;
    private final String host;
    private final @Nullable String token;

    public AdminClient(HipacheConfig.Admin admin) {
        this.token = admin.token();
        if (admin.socket() != null) {
            this.address = UnixDomainSocketAddress.of(admin.socket());
            this.host = "localhost";
            return;
        }
        InetSocketAddress listening = new InetSocketAddress(admin.address(), admin.port());
        InetAddress any = listening.getAddress();
        this.address = any != null && any.isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), admin.port())
                : listening;
        this.host = IpAddress.inUrl(admin.address()) + ":" + admin.port();
    }

    /** The address, for messages. */
    public String name() {
        return address instanceof UnixDomainSocketAddress ? address.toString() : host;
    }

    /**
     * The answer to a question.
     *
     * @param path such as {@code /status.json}, without spaces
     * @return null when there is no such page
     * @throws IOException with a message for the administrator
     */
    public @Nullable JsonNode get(String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + (token == null ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
        byte[] answer;
        try {
            answer = exchange(request.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("the admin listener at " + name() + " does not answer: " + e.getMessage(), e);
        }
        return body(new String(answer, StandardCharsets.UTF_8));
    }

    private @Nullable JsonNode body(String answer) throws IOException {
        int end = answer.indexOf("\r\n\r\n");
        String[] line = answer.split(" ", 3);
        String status = line.length > 1 && line[0].startsWith("HTTP/1.") ? line[1] : "";
        if (end < 0 || status.isEmpty()) {
            throw new IOException("what answers at " + name() + " is no admin listener");
        }
        if (status.equals("404")) {
            return null;
        }
        if (status.equals("401") || status.equals("403")) {
            throw new IOException("the admin listener at " + name() + " wants another token than server.admin has");
        }
        if (!status.equals("200")) {
            throw new IOException("the admin listener at " + name() + " answers " + status);
        }
        try {
            return MAPPER.readTree(answer.substring(end + 4));
        } catch (JsonProcessingException e) {
            throw new IOException("the admin listener at " + name() + " answers without JSON", e);
        }
    }

    private byte[] exchange(byte[] request) throws IOException {
        long end = System.nanoTime() + LIMIT_NANOS;
        try (SocketChannel channel = open();
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            if (!channel.connect(address)) {
                while (!channel.finishConnect()) {
                    await(selector, end);
                }
            }
            key.interestOps(SelectionKey.OP_WRITE);
            ByteBuffer rest = ByteBuffer.wrap(request);
            while (rest.hasRemaining()) {
                if (channel.write(rest) == 0) {
                    await(selector, end);
                }
            }
            key.interestOps(SelectionKey.OP_READ);
            return readAll(channel, selector, end);
        }
    }

    private SocketChannel open() throws IOException {
        return address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
    }

    private static byte[] readAll(SocketChannel channel, Selector selector, long end) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        while (all.size() <= MOST_BYTES) {
            int read = channel.read(piece);
            if (read < 0) {
                return all.toByteArray();
            }
            if (read == 0) {
                await(selector, end);
            }
            all.write(piece.array(), 0, piece.position());
            piece.clear();
        }
        throw new IOException("the answer is too long");
    }

    private static void await(Selector selector, long end) throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
            throw new IOException("no answer within 3 seconds");
        }
        selector.select(millis);
        selector.selectedKeys().clear();
    }
}
