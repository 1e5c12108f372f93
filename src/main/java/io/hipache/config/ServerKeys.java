package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.HipacheConfig.AccessLogFormat;
import io.hipache.config.HipacheConfig.DebugHeaders;
import io.hipache.config.HipacheConfig.RequestId;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.address.IpAddress;
import io.hipache.config.address.SyslogAddress;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Key;
import io.hipache.config.json.Keys;
import io.hipache.config.json.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Reads the section {@code server}, except its keys about addresses, which {@link ListenerKeys} reads. */
final class ServerKeys {
    private static final int MOST = 1_000_000;
    /** The memory of an idle worker plus what its first requests need, in MB. */
    private static final int LEAST_MEMORY = 128;
    /** Loopback and the private ranges of RFC 1918 and RFC 4193. */
    private static final List<String> OWN_NETWORK =
            List.of("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");

    /** A part of what RFC 9110 §7.6.3 allows, which needs no quotes anywhere. */
    private static final Pattern VIA_NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Section server;
    private final Keys<Server> keys;
    private final FileChecks files;
    private final Findings findings;

    ServerKeys(Section server, FileChecks files) {
        this.server = server;
        this.keys = new Keys<>(server);
        this.files = files;
        this.findings = server.findings();
    }

    /** Every key, in the order of the record's components. Reading an empty section declares all of them. */
    static List<Key<Server>> all() {
        ServerKeys keys = new ServerKeys(Section.empty(), FileChecks.trusted(new Findings()));
        keys.read(1, Path.of(""), () -> "");
        return keys.keys.declared();
    }

    /**
     * The table of keys: one entry for each component of the record, in the same order.
     *
     * @param fleetName the default of {@code viaName}
     */
    Server read(int processors, Path staticErrors, Supplier<String> fleetName) {
        CacheKeys cache = new CacheKeys(server, files);
        return new Server(
                keys.key(
                                "accessLog",
                                "a path, `-` for standard output, or a log daemon: `syslog:`, `syslog:/dev/log`, "
                                        + "`syslog:udp:host:port`, see [Access log](observability.md#the-access-log)")
                        .text(Server::accessLog, accessLog()),
                keys.key(
                                "accessLogFormat",
                                "`hipache`, `extended`, `json` or `combined`, see [Observability]"
                                        + "(observability.md)")
                        .word(Server::accessLogFormat, AccessLogFormat.HIPACHE),
                keys.key(
                                "accessLogQuery",
                                "whether the access log shows the queries of URLs: what follows `?` in the target of a "
                                        + "request and in its `Referer`")
                        .flag(Server::accessLogQuery, true),
                keys.key(
                                "accessLogAddress",
                                "`short` leaves the last byte of an IPv4 address and all but the first 48 bits of an IPv6 "
                                        + "address out of the access log")
                        .choice(Server::accessLogShort, "full", "short"),
                keys.key(
                                "logRefused",
                                "whether requests that were answered without a backend have a line in the access log, "
                                        + "see [Access log](observability.md#the-access-log)")
                        .flag(Server::logRefused, true),
                keys.key("log", "where messages go: `stderr`, `stdout` or `-`, or a path")
                        .text(Server::log, log()),
                keys.key("workers", "the number of workers, at least 1")
                        .byDefault("number of processors")
                        .wholeNumber(Server::workers, 1, 1024, processors),
                keys.key(
                                "maxSockets",
                                "sockets to each backend, per worker. A request goes to a backend that has one free, "
                                        + "else it waits. A WebSocket occupies one socket for as long as it lasts")
                        .wholeNumber(Server::maxSockets, 1, MOST, 100),
                keys.key(
                                "maxBackends",
                                "the most backends of one host. In Redis, their list may take 64 bytes for each "
                                        + "of this number. A host with more gets a 502, and nobody else notices")
                        .wholeNumber(Server::maxBackends, 1, 99_999, 16_000),
                // Redis expires the mark with EXPIRE, which counts in whole seconds
                keys.key("deadBackendTTL", "how long a backend stays marked dead")
                        .wholeSeconds(Server::deadBackendTtl, 315_360_000, 30),
                keys.key("tcpTimeout", "longest inactivity of a client or a backend; 0 = no limit")
                        .seconds(Server::tcpTimeout, "0", Duration.ofSeconds(30)),
                keys.key("tunnelTimeout", "longest inactivity of a WebSocket, instead of `tcpTimeout`; 0 = no limit")
                        .seconds(Server::tunnelTimeout, "0", Duration.ZERO),
                keys.key("retryOnError", "attempts after the first one").wholeNumber(Server::retryOnError, 0, MOST, 3),
                keys.key(
                                "deadBackendOn500",
                                "whether a backend that answers 500 counts as dead while an active checker is "
                                        + "alive")
                        .flag(Server::deadBackendOn500, true),
                keys.key(
                                "deadBackendOnUnsupported",
                                "whether a backend that answers 501 or 505 counts as dead. These answers speak of "
                                        + "the method and the version of the request")
                        .flag(Server::deadBackendOnUnsupported, false),
                keys.key(
                                "softDeathCap",
                                "the percentage of the backends of a host that may be dead when one more is marked for "
                                        + "a failure that one request can cause: a dropped connection, silence, a 5xx. "
                                        + "Rounded down, but one at least. 100 = no limit, 0 = no such marks")
                        .wholeNumber(Server::softDeathCap, 0, 100, 50),
                new ActiveCheckKeys(server).read(keys),
                keys.key("httpKeepAlive", "whether connections to backends are used again")
                        .flag(Server::httpKeepAlive, true),
                keys.key(
                                "http2",
                                "whether listeners that speak TLS offer HTTP/2 to clients. Hipache speaks "
                                        + "HTTP/1.1 to backends either way")
                        .flag(Server::http2, true),
                withWarning(keys.key(
                                "memoryLimit",
                                "the resident set, in MB, above which a worker is replaced. The limits of the "
                                        + "worker's JVM follow from this key. A value below 128 gets a warning")
                        .wholeNumber(Server::memoryLimit, 1, MOST, 256)),
                keys.key(
                                "javaOptions",
                                "options for the Java runtime of each worker, such as "
                                        + "`[\"-XX:+HeapDumpOnOutOfMemoryError\"]`. Every user of the machine can see them. "
                                        + "`memoryLimit` sets the limits of memory")
                        .byDefault("none")
                        .texts(Server::javaOptions, JavaOptions.read(server, findings)),
                keys.key("gracefulWait", "how long a worker that is being replaced may finish its requests")
                        .seconds(Server::gracefulWait, "0", Duration.ofSeconds(120)),
                keys.key(
                                "stopTimeout",
                                "the time within which SIGTERM ends the program. Requests in flight have 0.4 s "
                                        + "less")
                        .seconds(Server::stopTimeout, "0", Duration.ofSeconds(8)),
                keys.key(
                                "staticDir",
                                "the folder of the error pages `error_<status>.html` and `error_default.html`. "
                                        + "Workers read the pages again within seconds when their files change")
                        .byDefault("`static-errors/` of the installation")
                        .path(Server::staticDir, staticDir(staticErrors)),
                keys.key(
                                "lruCache",
                                "`{\"size\": 10000, \"ttl\": 5}` keeps the results of look-ups. Hipache then asks "
                                        + "Redis less often, and sees changes up to `ttl` seconds later")
                        .byDefault("off")
                        .optional(cache.lruCache(), (server, secrets) -> CacheKeys.written(server.lruCache())),
                keys.key(
                                "cache",
                                "`tracking` keeps what was looked up in the memory of each worker, and has Redis tell "
                                        + "each change, see [Memory instead of Redis](reliability.md#memory-instead-of-redis). `off` asks Redis "
                                        + "for every request")
                        .choice(Server::cacheTracking, "off", "tracking"),
                cache.withWarning(keys.key(
                                "cacheMemory",
                                "MB that a worker may keep of what was looked up, for `cache`, `staleIfDown` and "
                                        + "`settle`")
                        .byDefault("an eighth of `memoryLimit`")
                        .wholeNumber(Server::cacheMemory, 1, MOST, cache.defaultMemory())),
                keys.key(
                                "staleIfDown",
                                "for how long a worker answers from its memory while Redis gives no answers. Hosts that "
                                        + "the worker does not know get a 503")
                        .byDefault("0, with `cache: \"tracking\"` 3600")
                        .seconds(Server::staleIfDown, "0", Duration.ofSeconds(cache.isTracking() ? 3_600 : 0)),
                keys.key(
                                "settle",
                                "milliseconds for which a host keeps its backends when its list vanishes or shrinks to "
                                        + "its identifier, for editors that delete a list and write it again")
                        .wholeNumber(Server::settle, 0, 60_000, 0),
                keys.key(
                                "snapshot",
                                "a file that keeps what the workers were told by Redis, with private keys, see "
                                        + "[The snapshot](reliability.md#the-snapshot). With it, a machine that starts while Redis gives no "
                                        + "answers serves hosts as `staleIfDown` has it")
                        .byDefault("none")
                        .optional(cache.snapshot(), (server, secrets) -> CacheKeys.written(server.snapshot())),
                keys.key(
                                "admin",
                                "a listener for those who operate Hipache, with metrics: a `port` on an `address`, or a "
                                        + "unix `socket` with `mode` and `owner`; a `token` or `tokenFile`, `write` to change "
                                        + "frontends with it, and the number of `hosts` with figures of their own, see "
                                        + "[The admin listener](observability.md#the-admin-listener)")
                        .byDefault("off")
                        .optional(
                                new AdminKeys(server, files).read(),
                                (server, secrets) -> AdminKeys.written(server.admin(), secrets)),
                keys.key("debug", "more messages").flag(Server::debug, false),
                keys.key(
                                "logTime",
                                "the time in front of a message: `hipache` for `22 Nov 08:33:11`, `iso` for "
                                        + "`2026-11-22T08:33:11.042+01:00`")
                        .choice(Server::isoLogTime, "hipache", "iso"),
                keys.key(
                                "plainIPv4",
                                "writes `1.2.3.4` instead of `::ffff:1.2.3.4` in forwarded headers and in the "
                                        + "access log")
                        .flag(Server::plainIpv4, false),
                keys.key(
                                "trustedProxies",
                                "the clients that are believed when they tell where a request came from, see "
                                        + "[Trust](security.md#trust). What other clients tell is left out or replaced")
                        .byDefault("loopback and private networks")
                        .texts(Server::trustedProxies, trustedProxies()),
                keys.key(
                                "deadKey",
                                "the host under which Hipache marks and announces a dead backend of "
                                        + "`*.example.com`: `requested` is the host of the request, `matched` is "
                                        + "`*.example.com`. With `matched`, Hipache reads the dead sets of both hosts. Once "
                                        + "every node has `matched`, an active checker can take the backend out")
                        .choice(Server::deadByMatchedKey, "requested", "matched"),
                keys.key(
                                "deadAnnounceUrl",
                                "`raw` announces the URL of a dead backend as it is stored, for the monitors of "
                                        + "planb. An entry with `;`, or with anything but printable ASCII, is still "
                                        + "announced as `href`, which writes `;` as `%3B`")
                        .choice(Server::deadAnnouncedRaw, "href", "raw"),
                keys.key(
                                "forwardedFor",
                                "what Hipache does with the `X-Forwarded-For` of a trusted proxy: `keep` passes it "
                                        + "on as it is, `append` puts the address of the proxy behind it")
                        .choice(Server::forwardedForAppended, "keep", "append"),
                keys.key(
                                "debugHeaders",
                                "whose requests with `X-Debug` are answered with `x-debug-*` headers, which tell "
                                        + "addresses of backends: `trusted` (the `trustedProxies`), `all` or `off`")
                        .word(Server::debugHeaders, DebugHeaders.TRUSTED),
                keys.key(
                                "requestId",
                                "`X-Request-Id`, by which a request is found in the logs of all who handle it, see "
                                        + "[Request ids](http.md#request-ids). `pass` makes one where a trusted proxy has not given one, and "
                                        + "passes it on to the backend. `answer` also puts it into each response. `off` leaves the "
                                        + "field alone")
                        .word(Server::requestId, RequestId.PASS),
                keys.key(
                                "tracing",
                                "whether a request without a valid `traceparent` (W3C Trace Context) gets a new one")
                        .flag(Server::tracing, false),
                keys.key(
                                "viaName",
                                "the name of this fleet in the `Via` header of requests to backends, by which it "
                                        + "recognises a request that comes back, see [Loops](http.md#loops). `off` sends no `Via` and "
                                        + "recognises no loop")
                        .byDefault("made from the address of the store")
                        .text(Server::viaName, viaName(fleetName)),
                keys.key(
                                "maxConnections",
                                "connections of clients, per worker. For one more, the connection that has been "
                                        + "idle for longest is closed; where none is idle, the new one gets a 503")
                        .byDefault("from `memoryLimit` and `ulimit -n`")
                        .wholeNumber(Server::maxConnections, 0, MOST, 0),
                keys.key(
                                "maxConnectionsPerAddress",
                                "the same for the connections of one IPv4 address, or of one IPv6 network of 64 "
                                        + "bits. `trustedProxies` may have any number")
                        .byDefault("half of `maxConnections`")
                        .wholeNumber(Server::maxConnectionsPerAddress, 0, MOST, 0),
                keys.key("maxRequests", "requests under way, per worker. Further ones get a 503")
                        .byDefault("as `maxConnections`")
                        .wholeNumber(Server::maxRequests, 0, MOST, 0),
                keys.key(
                                "bodyMemory",
                                "MB of request bodies that a worker keeps, for a backend that is not there yet or "
                                        + "for another attempt. Beyond it a worker keeps nothing for other attempts, and reads no "
                                        + "further where it would have to")
                        .byDefault("a quarter of `memoryLimit`")
                        .wholeNumber(Server::bodyMemory, 0, MOST, 0),
                keys.key(
                                "headMemory",
                                "MB of request heads in a worker, complete or not. Beyond it the connections whose "
                                        + "heads have been incomplete for longest are closed, then new requests get a 503")
                        .byDefault("an eighth of `memoryLimit`")
                        .wholeNumber(Server::headMemory, 0, MOST, 0),
                keys.key(
                                "http2Window",
                                "KB of request bodies that one HTTP/2 connection may have under way to backends that "
                                        + "do not take them")
                        .wholeNumber(Server::http2Window, 64, 1024 * 1024, 1024),
                keys.key(
                                "minBodyRate",
                                "bytes of a request body in a second, on average over `tcpTimeout`, below which a "
                                        + "request ends with a 408. Only while its backend waits for the client and has not begun "
                                        + "to answer; 0 = no limit")
                        .wholeNumber(Server::minBodyRate, 0, MOST, 1),
                keys.key(
                                "maxWaiting",
                                "requests that may wait for a free socket to one backend, per worker. Each further "
                                        + "request gets a 503 at once")
                        .wholeNumber(Server::maxWaiting, 0, MOST, 500),
                keys.key(
                                "maxTunnels",
                                "how many percent of `maxSockets` WebSockets may occupy, one socket at least. The "
                                        + "rest stays for other requests. Each further WebSocket gets a 503 at once, "
                                        + "see [Full backends](reliability.md#full-backends)")
                        .wholeNumber(Server::maxTunnels, 1, 100, 75));
    }

    private String viaName(Supplier<String> fleetName) {
        String name = server.text("viaName");
        if (name != null && !VIA_NAME.matcher(name).matches()) {
            findings.problem(server.pathOf("viaName"), "expected at most 64 letters, digits and any of - . _, or off");
        }
        return name == null ? fleetName.get() : name;
    }

    private int withWarning(int memoryLimit) {
        if (memoryLimit < LEAST_MEMORY) {
            findings.warning(
                    server.pathOf("memoryLimit"),
                    "a worker needs about " + LEAST_MEMORY + " MB; with less it is replaced every few minutes");
        }
        return memoryLimit;
    }

    private String accessLog() {
        String text = server.text("accessLog");
        if (text != null && text.startsWith(SyslogAddress.SCHEME)) {
            String problem = SyslogAddress.problem(text);
            if (problem != null) {
                findings.problem(server.pathOf("accessLog"), problem);
            }
            return text;
        }
        Path file = server.path("accessLog");
        if (text == null || file == null) {
            return "/var/log/hipache/access.log";
        }
        if (text.equals("-") || text.equals("stdout")) {
            return "-";
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
