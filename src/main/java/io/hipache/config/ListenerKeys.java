package io.hipache.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.BindKeys.Bind;
import io.hipache.config.HipacheConfig.Kind;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Key;
import io.hipache.config.json.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the addresses to listen on. There are two forms: {@code server.port}, {@code server.address} and
 * {@code server.https}, or {@code http} and {@code https} at the top. The second form wins where both are there.
 */
final class ListenerKeys {
    private final Section server;
    private final Section http;
    private final Section https;
    private final Findings findings;
    private final BindKeys binds;
    private final FileChecks files;

    ListenerKeys(Section root, Section server, Section https, BindKeys binds, FileChecks files) {
        this.server = server;
        this.http = root.section("http");
        this.https = https;
        this.findings = root.findings();
        this.binds = binds;
        this.files = files;
    }

    /** Writes every address into {@code http.bind} or {@code https.bind}. */
    static void write(List<Listener> listeners, UnaryOperator<String> secrets, ObjectNode http, ObjectNode https) {
        ArrayNode plain = http.putArray("bind");
        ArrayNode secure = https.putArray("bind");
        List<Key<Tls>> keys = TlsKeys.ofAddress();
        for (Listener listener : listeners) {
            Tls tls = listener.tls();
            ObjectNode entry = (tls == null ? plain : secure).addObject();
            entry.put("address", listener.address()).put("port", listener.port());
            entry.put("kind", word(listener.kind()));
            if (tls != null) {
                Key.write(keys, tls, secrets, entry);
            }
        }
    }

    List<Listener> read() {
        List<Bind> shared = binds.read(server, "address");
        List<Bind> plain = binds.read(http, "bind");
        int sharedPort = server.port("port", files.leastPort(), 80);
        int port = http.port("port", files.leastPort(), sharedPort);
        if (http.has("port") && server.has("port")) {
            findings.warning("server.port", "ignored, because http.port is set");
        }
        if (server.has("port") && !http.has("port") && shared == null && plain == null) {
            findings.warning(
                    "server.address",
                    "missing, so only this machine can connect; Hipache 0.3 listened on every address: [\"0.0.0.0\", \"::\"]");
        }
        List<Listener> listeners = new ArrayList<>();
        for (Bind bind : first(plain, shared, binds.loopback())) {
            int own = bind.at() == null ? port : bind.at().port("port", files.leastPort(), port);
            add(bind, new Listener(bind.address(), own, null, kind(bind.at())), listeners);
        }
        addTls(shared, plain, listeners);
        if (listeners.isEmpty() && findings.problems().isEmpty()) {
            findings.problem("http.bind", "there is no address to listen on");
        }
        return listeners;
    }

    private void addTls(@Nullable List<Bind> shared, @Nullable List<Bind> plain, List<Listener> listeners) {
        List<Bind> own = binds.read(https, "bind");
        boolean configured = own == null ? https.has("key") || https.has("cert") || https.has("port") : !own.isEmpty();
        int port = https.port("port", files.leastPort(), 443);
        TlsKeys keys = new TlsKeys(https, files.keys());
        keys.warnOfKeysWithoutEffect();
        if (!configured) {
            return;
        }
        for (Bind bind : first(own, shared, plain == null ? binds.loopback() : plain)) {
            // the entries of server.address and http.bind have the ports of plain HTTP
            Section at = own == null ? null : bind.at();
            int ownPort = at == null ? port : at.port("port", files.leastPort(), port);
            Tls tls = keys.read(at);
            if (tls != null) {
                add(bind, new Listener(bind.address(), ownPort, tls, kind(at)), listeners);
            }
        }
    }

    /** Traffic, unless the entry of the address says otherwise. */
    private static Kind kind(@Nullable Section at) {
        if (at == null) {
            return Kind.TRAFFIC;
        }
        List<String> words =
                Arrays.stream(Kind.values()).map(ListenerKeys::word).toList();
        String word = at.word("kind", words, word(Kind.TRAFFIC));
        return Kind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private void add(Bind bind, Listener listener, List<Listener> listeners) {
        if (bind.address().equals(BindKeys.NONE)) {
            return;
        }
        boolean taken = listeners.stream()
                .anyMatch(other -> other.address().equals(listener.address()) && other.port() == listener.port());
        if (!taken) {
            listeners.add(listener);
        } else if (!listeners.contains(listener)) {
            findings.problem(
                    listener.tls() == null ? "http" : "https",
                    bind.address() + " port " + listener.port() + " is configured twice, with different settings");
        }
    }

    private static List<Bind> first(@Nullable List<Bind> one, @Nullable List<Bind> two, List<Bind> otherwise) {
        if (one != null) {
            return one;
        }
        return two == null ? otherwise : two;
    }
}
