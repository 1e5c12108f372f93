package io.hipache.cli.program;

import io.hipache.cli.common.AdminClient;
import io.hipache.cli.common.LocalHttp;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Whether the program that runs with a configuration can route requests now.
 *
 * @param asked the listener that was asked
 * @param words what it says, or why it says nothing
 */
public record Readiness(boolean ready, String asked, String words) {
    private static final String QUESTION = "GET / HTTP/1.1\r\nHost: __ready__\r\nConnection: close\r\n\r\n";
    private static final int OK = 200;

    /**
     * Asks the program, and waits for the answer.
     *
     * @param admin whether the admin listener is asked, which has to be there, instead of a listener for clients
     */
    public static Readiness of(HipacheConfig config, boolean admin, Duration limit) {
        HipacheConfig.Admin adminListener = config.server().admin();
        return admin && adminListener != null
                ? ofProgram(new AdminClient(adminListener), limit)
                : ofListener(listener(config), limit);
    }

    private static Readiness ofProgram(AdminClient client, Duration limit) {
        try {
            LocalHttp.Answer answer = client.ask("/readyz", limit);
            return said(client.name(), answer, "ready");
        } catch (IOException e) {
            return new Readiness(false, client.name(), String.valueOf(e.getMessage()));
        }
    }

    private static Listener listener(HipacheConfig config) {
        return config.listeners().stream()
                .filter(listener -> listener.tls() == null)
                .findFirst()
                .orElseGet(() -> config.listeners().get(0));
    }

    private static Readiness ofListener(Listener listener, Duration limit) {
        try {
            return said(listener.url(), ask(listener, limit), "ok");
        } catch (IOException e) {
            return new Readiness(false, listener.url(), "does not answer: " + e.getMessage());
        }
    }

    private static LocalHttp.Answer ask(Listener listener, Duration limit) throws IOException {
        IOException last = null;
        for (String address : addresses(listener)) {
            InetSocketAddress there = new InetSocketAddress(InetAddress.getByName(address), listener.port());
            try {
                return listener.tls() == null
                        ? LocalHttp.ask(there, QUESTION, limit)
                        : LocalHttp.askByTls(there, QUESTION, limit);
            } catch (ConnectException e) {
                last = e;
            }
        }
        throw last == null ? new IOException("it has no address") : last;
    }

    /** A listener for {@code ::} takes IPv4 as well, unless another one does, and not every machine has IPv6. */
    private static List<String> addresses(Listener listener) throws IOException {
        if (!InetAddress.getByName(listener.address()).isAnyLocalAddress()) {
            return List.of(listener.address());
        }
        return listener.address().contains(":") ? List.of("127.0.0.1", "::1") : List.of("127.0.0.1");
    }

    private static Readiness said(String asked, LocalHttp.Answer answer, String wanted) {
        String words = answer.body().strip();
        if (answer.status() == 0) {
            return new Readiness(false, asked, "does not speak HTTP: another program may have its port");
        }
        boolean ready = answer.status() == OK && words.equals(wanted);
        return new Readiness(ready, asked, ready ? words : "says " + answer.status() + " " + brief(words));
    }

    private static String brief(String words) {
        return words.length() <= 60 ? words : words.substring(0, 60) + "…";
    }
}
