package io.hipache.cli.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipache.config.HipacheConfig;
import io.hipache.config.address.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks the admin listener of the program that runs with this configuration, at its address or its unix socket. Each question takes
 * three seconds at most.
 */
public final class AdminClient {
    /** Why nobody can be asked, and what to do, where the configuration has no admin listener. */
    public static final String MISSING = "the configuration has no server.admin; put \"admin\": {\"port\": 9180} into"
            + " \"server\", then run hipache reload";

    private static final Duration LIMIT = Duration.ofSeconds(3);

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
        LocalHttp.Answer answer = ask(path, LIMIT);
        return switch (answer.status()) {
            case 200 -> json(answer.body());
            case 404 -> null;
            case 401, 403 ->
                throw new IOException("the admin listener at " + name() + " wants another token than server.admin has");
            default -> throw new IOException("the admin listener at " + name() + " answers " + answer.status());
        };
    }

    /**
     * The answer to a question, whatever its status.
     *
     * @throws IOException with a message for the administrator
     */
    public LocalHttp.Answer ask(String path, Duration limit) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + (token == null ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
        LocalHttp.Answer answer;
        try {
            answer = LocalHttp.ask(address, request, limit);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("the admin listener at " + name() + " does not answer: " + e.getMessage(), e);
        }
        if (answer.status() == 0) {
            throw new IOException("what answers at " + name() + " is no admin listener");
        }
        return answer;
    }

    private JsonNode json(String body) throws IOException {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IOException("the admin listener at " + name() + " answers without JSON", e);
        }
    }
}
