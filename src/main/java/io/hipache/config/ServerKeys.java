package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.hipache.config.HipacheConfig.LruCache;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.address.IpAddress;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code server}, but for what it says about addresses. */
final class ServerKeys {
    private static final int MOST = 1_000_000;
    /** What a worker takes at rest, and what it takes for the first requests, in MB. */
    private static final int LEAST_MEMORY = 128;
    /** Loopback and the private ranges of RFC 1918 and RFC 4193. */
    private static final List<String> OWN_NETWORK =
            List.of("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");

    private final Section server;
    private final FileChecks files;
    private final Findings findings;

    ServerKeys(Section server, FileChecks files) {
        this.server = server;
        this.files = files;
        this.findings = server.findings();
    }

    Server read(int processors, Path staticErrors) {
        return new Server(
                accessLog(),
                log(),
                server.wholeNumber("workers", 1, 1024, processors),
                server.wholeNumber("maxSockets", 1, MOST, 100),
                // EXPIRE counts in whole seconds
                Duration.ofSeconds(server.wholeNumber("deadBackendTTL", 1, 315_360_000, 30)),
                server.seconds("tcpTimeout", "0", Duration.ofSeconds(30)),
                server.seconds("tunnelTimeout", "0", Duration.ZERO),
                server.wholeNumber("retryOnError", 0, MOST, 3),
                server.flag("deadBackendOn500", true),
                server.flag("httpKeepAlive", true),
                server.flag("http2", true),
                memoryLimit(),
                server.seconds("gracefulWait", "0", Duration.ofSeconds(120)),
                server.seconds("stopTimeout", "0", Duration.ofSeconds(8)),
                staticDir(staticErrors),
                lruCache(),
                server.flag("debug", false),
                server.flag("plainIPv4", false),
                trustedProxies(),
                server.choice("deadKey", "requested", "matched"),
                server.choice("deadAnnounceUrl", "href", "raw"));
    }

    private int memoryLimit() {
        int limit = server.wholeNumber("memoryLimit", 1, MOST, 256);
        if (limit < LEAST_MEMORY) {
            findings.warning(
                    server.pathOf("memoryLimit"),
                    "a worker needs about " + LEAST_MEMORY + " MB, with less it is replaced every few minutes");
        }
        return limit;
    }

    private String accessLog() {
        String text = server.text("accessLog");
        Path file = server.path("accessLog");
        if (text == null || file == null) {
            return "/var/log/hipache/access.log";
        }
        if (text.equals("-") || text.equals("stdout")) {
            return "-";
        }
        if (text.startsWith("syslog:")) {
            findings.problem(server.pathOf("accessLog"), "expected a path or -, syslog is not supported");
        }
        files.checkNoDirectory(server.pathOf("accessLog"), file);
        return file.toString();
    }

    private String log() {
        String text = server.text("log");
        Path file = server.path("log");
        if (text == null || file == null || text.equals("stderr")) {
            return "stderr";
        }
        if (text.equals("-") || text.equals("stdout")) {
            return "stdout";
        }
        if (text.startsWith("syslog:")) {
            findings.problem(server.pathOf("log"), "expected a path, stderr or stdout, syslog is not supported");
        }
        files.checkNoDirectory(server.pathOf("log"), file);
        return file.toString();
    }

    private Path staticDir(Path otherwise) {
        Path folder = server.path("staticDir");
        if (folder == null) {
            return otherwise;
        }
        files.checkDirectory(server.pathOf("staticDir"), folder);
        return folder;
    }

    private @Nullable LruCache lruCache() {
        JsonNode value = server.value("lruCache");
        if (value == null || value.equals(BooleanNode.FALSE)) {
            return null;
        }
        Section cache = server.section("lruCache");
        int size = cache.wholeNumber("size", 1, 10 * MOST, 10_000);
        if (value.isObject() && !cache.has("ttl")) {
            findings.problem(cache.pathOf("ttl"), "missing, say for how many seconds a look-up is kept");
        }
        return new LruCache(size, cache.seconds("ttl", "0.001", Duration.ofSeconds(1)));
    }

    private List<String> trustedProxies() {
        JsonNode value = server.value("trustedProxies");
        if (value == null) {
            return OWN_NETWORK;
        }
        if (!value.isArray()) {
            findings.expected(
                    server.pathOf("trustedProxies"), "a list of addresses or blocks such as 10.0.0.0/8", value);
            return OWN_NETWORK;
        }
        List<String> blocks = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String block = value.get(i).isTextual() ? value.get(i).textValue().strip() : "";
            if (IpAddress.isBlock(block)) {
                blocks.add(block);
            } else {
                String path = server.pathOf("trustedProxies") + "[" + i + "]";
                findings.expected(path, "an address or a block such as 10.0.0.0/8", value.get(i));
            }
        }
        return blocks;
    }
}
