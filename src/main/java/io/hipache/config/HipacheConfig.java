package io.hipache.config;

import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.IpAddress;
import io.hipache.tls.CertificateEnd;
import io.hipache.tls.CipherList;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration, checked, with every default filled in. Its keys are those of Hipache's {@code config.json}.
 * Only {@code ConfigLoader} reads one from a file.
 *
 * @param listeners every address to listen on, plain HTTP first
 * @param certificates certificates by host name, for all addresses of https
 * @param drivers the store's URLs: reads go to the first, writes to the last; never empty
 * @param user the user of the workers when the supervisor is started as root; a number only when the user has no name
 * @param group the group of the workers when the supervisor is started as root
 * @param files the contents of all key and certificate files that the configuration names
 */
public record HipacheConfig(
        Server server,
        List<Listener> listeners,
        HostCertificates certificates,
        List<DriverUrl> drivers,
        String user,
        String group,
        KeyFiles files) {

    /** With this user the workers stay root. It is never the default. */
    public static final String ROOT = "root";

    public HipacheConfig {
        listeners = List.copyOf(listeners);
        drivers = List.copyOf(drivers);
    }

    /** Whether any listener speaks TLS. */
    public boolean speaksTls() {
        return listeners.stream().anyMatch(listener -> listener.tls() != null);
    }

    /** One line for each certificate in a file that clients refuse at this time because of its dates. */
    public List<String> dateProblems(Instant now) {
        return Stream.concat(
                        listeners.stream().map(Listener::tls).filter(Objects::nonNull),
                        certificates.files().stream().map(HostCertificate::tls))
                .map(tls -> files.dateProblem(tls, now))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** Until when each certificate in a file can be used, those first that end first. */
    public List<CertificateEnd> certificateEnds() {
        return Stream.concat(
                        listeners.stream().map(Listener::tls).filter(Objects::nonNull),
                        certificates.files().stream().map(HostCertificate::tls))
                .distinct()
                .map(files::certificateEnd)
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * The section {@code server}.
     *
     * @param accessLog path of the access log, {@code -} for standard output, or a log daemon
     * @param accessLogFormat the format of its lines
     * @param accessLogQuery whether it shows the queries of URLs
     * @param accessLogShort whether it shows only the networks of clients
     * @param logRefused whether requests without a backend have a line
     * @param log where messages go: {@code stderr}, {@code stdout} or the path of a file
     * @param workers number of worker processes, at least 1
     * @param maxSockets most open and connecting sockets per backend and worker, at least 1
     * @param maxBackends the most backends of one frontend
     * @param deadBackendTtl how long a backend stays marked dead, whole seconds
     * @param tcpTimeout longest inactivity of a client or backend; zero means none
     * @param tunnelTimeout longest inactivity of an upgraded connection; zero means none
     * @param retryOnError attempts after the first one
     * @param deadBackendOn500 whether a 500 marks its backend dead while an active checker is alive
     * @param deadBackendOnUnsupported whether a 501 or a 505 marks its backend dead
     * @param softDeathCap the percentage of a frontend's backends up to which soft failures mark backends dead
     * @param activeCheck the checks of announced backends, null when they are off
     * @param httpKeepAlive whether connections to backends are reused
     * @param http2 whether HTTP/2 is offered to clients on TLS listeners
     * @param memoryLimit the resident set size in MB above which a worker is replaced
     * @param javaOptions options for the Java runtime of a worker
     * @param gracefulWait how long a replaced worker may finish its requests
     * @param stopTimeout the time in which the program ends after SIGTERM; requests in flight have a little less
     * @param staticDir the folder of the error pages
     * @param lruCache the cache of look-ups, null when it is off
     * @param cacheTracking whether workers answer from memory while Redis tells each change
     * @param cacheMemory most MB of what was looked up per worker
     * @param staleIfDown for how long workers answer from memory while Redis is away
     * @param settle for how many milliseconds a frontend keeps backends that vanish
     * @param snapshot the file of what the workers were told by the store, null for none
     * @param isoLogTime whether messages have the time of ISO 8601
     * @param admin the listener for those who operate the program, null for none
     * @param plainIpv4 whether backends see IPv4 addresses as {@code 1.2.3.4} instead of {@code ::ffff:1.2.3.4}
     * @param trustedProxies CIDR blocks of the proxies that are believed when they tell where a request came from
     * @param deadByMatchedKey whether dead backends of a wildcard frontend are marked and announced under the wildcard
     * @param deadAnnouncedRaw whether the URL of a dead backend is announced exactly as it is stored
     * @param forwardedForAppended whether the address of a trusted proxy follows what it said in X-Forwarded-For
     * @param debugHeaders whose requests with X-Debug are answered with debug headers
     * @param requestId what is done about X-Request-Id
     * @param tracing whether a trace is made where a request has none
     * @param viaName the name of this fleet in Via headers, {@link #NO_VIA} for none
     * @param maxConnections most connections of clients per worker; 0 for what memory and open files allow
     * @param maxConnectionsPerAddress most connections of one address per worker; 0 for half of {@code maxConnections}
     * @param maxRequests most requests under way per worker; 0 for {@code maxConnections}
     * @param bodyMemory most MB of request bodies kept per worker; 0 for a share of {@code memoryLimit}
     * @param headMemory most MB of request heads per worker; 0 for a share of {@code memoryLimit}
     * @param http2Window most KB of request bodies under way on one HTTP/2 connection
     * @param minBodyRate least bytes of a request body in a second, 0 for any
     * @param maxWaiting most requests per backend and worker that wait for a socket
     * @param maxTunnels the share of {@code maxSockets} that upgraded connections may use, in percent
     */
    public record Server(
            String accessLog,
            AccessLogFormat accessLogFormat,
            boolean accessLogQuery,
            boolean accessLogShort,
            boolean logRefused,
            String log,
            int workers,
            int maxSockets,
            int maxBackends,
            Duration deadBackendTtl,
            Duration tcpTimeout,
            Duration tunnelTimeout,
            int retryOnError,
            boolean deadBackendOn500,
            boolean deadBackendOnUnsupported,
            int softDeathCap,
            @Nullable ActiveCheck activeCheck,
            boolean httpKeepAlive,
            boolean http2,
            int memoryLimit,
            List<String> javaOptions,
            Duration gracefulWait,
            Duration stopTimeout,
            Path staticDir,
            @Nullable LruCache lruCache,
            boolean cacheTracking,
            int cacheMemory,
            Duration staleIfDown,
            int settle,
            @Nullable Path snapshot,
            @Nullable Admin admin,
            boolean debug,
            boolean isoLogTime,
            boolean plainIpv4,
            List<String> trustedProxies,
            boolean deadByMatchedKey,
            boolean deadAnnouncedRaw,
            boolean forwardedForAppended,
            DebugHeaders debugHeaders,
            RequestId requestId,
            boolean tracing,
            String viaName,
            int maxConnections,
            int maxConnectionsPerAddress,
            int maxRequests,
            int bodyMemory,
            int headMemory,
            int http2Window,
            int minBodyRate,
            int maxWaiting,
            int maxTunnels) {
        /** With this name no Via header is sent. */
        public static final String NO_VIA = "off";

        public Server {
            javaOptions = List.copyOf(javaOptions);
            trustedProxies = List.copyOf(trustedProxies);
        }

        /** What is kept of what was looked up, in bytes at most. */
        public long cacheBytes() {
            return (long) cacheMemory << 20;
        }
    }

    /** The format of the access log. A configuration file has the name in lower case. */
    public enum AccessLogFormat {
        /** The line of the original Hipache. */
        HIPACHE,
        /** The same, with more fields. */
        EXTENDED,
        JSON,
        /** The line of nginx. */
        COMBINED
    }

    /** Who is answered with debug headers. A configuration file has the name in lower case. */
    public enum DebugHeaders {
        /** Peers in {@link Server#trustedProxies}. */
        TRUSTED,
        ALL,
        /** Nobody. */
        OFF
    }

    /** What is done about X-Request-Id. A configuration file has the name in lower case. */
    public enum RequestId {
        /** Made where a trusted proxy has not given one, for backends and the access log. */
        PASS,
        /** As {@link #PASS}, and in each response. */
        ANSWER,
        /** Nothing. */
        OFF
    }

    /**
     * The section {@code server.admin}.
     *
     * @param address a literal IPv4 or IPv6 address, of no meaning when there is a socket
     * @param socket the path of a unix socket, null for a port
     * @param mode of the unix socket, such as {@code 0600}
     * @param owner of the unix socket, {@code user} or {@code user:group}; empty for the one who starts the program
     * @param token what clients have to send, null for nothing; a worker does not get it
     * @param write whether those who have the token may change frontends
     * @param hosts for how many hosts there are figures
     */
    public record Admin(
            String address,
            int port,
            @Nullable Path socket,
            String mode,
            String owner,
            @Nullable String token,
            boolean write,
            int hosts) {

        /** Where it listens, for messages: the path of the socket, or a URL. */
        public String place() {
            return socket == null ? "http://" + IpAddress.inUrl(address) + ":" + port : socket.toString();
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Admin[" + (socket == null ? address + ":" + port : socket.toString()) + "]";
        }
    }

    /**
     * The section {@code server.activeCheck}.
     *
     * @param interval from the end of one check of a backend to the next one
     * @param timeout the longest time of one check
     * @param rise so many good answers in a row revive a backend
     * @param fall so many bad answers in a row mark a backend
     * @param path that a backend is asked for where its host has no {@code healthcheck:<host>}
     */
    public record ActiveCheck(Duration interval, Duration timeout, int rise, int fall, String path) {
        /** As hipache-hchecker has it. */
        public static final ActiveCheck USUAL =
                new ActiveCheck(Duration.ofSeconds(3), Duration.ofSeconds(3), 1, 1, "/CloudHealthCheck");
    }

    /** The section {@code server.lruCache}: at most {@code size} hosts, each kept for {@code ttl}. */
    public record LruCache(int size, Duration ttl) {}

    /**
     * One address to listen on.
     *
     * @param address a literal IPv4 or IPv6 address
     * @param tls null for plain HTTP
     * @param kind what the address is for
     */
    public record Listener(String address, int port, @Nullable Tls tls, Kind kind) {

        /** For the traffic of clients. */
        public Listener(String address, int port, @Nullable Tls tls) {
            this(address, port, tls, Kind.TRAFFIC);
        }

        /** Such as {@code http://[::1]:80}. */
        public String url() {
            return url(port);
        }

        /** The same with another port, where the kernel has chosen one. */
        public String url(int actualPort) {
            return (tls == null ? "http://" : "https://") + IpAddress.inUrl(address) + ":" + actualPort;
        }
    }

    /** What an address to listen on is for. A configuration file has the name in lower case. */
    public enum Kind {
        /** Requests of clients, which are routed to backends. */
        TRAFFIC
    }

    /**
     * How a listener speaks TLS. {@link HipacheConfig#files} has the contents of the files.
     *
     * @param key the PEM file of the private key
     * @param cert the PEM file of the certificate and its chain
     * @param ca PEM files of further certificates; those that continue the chain are sent along
     * @param passphrase the passphrase of the key, null when the key is not encrypted
     * @param ciphers the cipher suites as the file has them, null for the default
     * @param honorCipherOrder whether our order of cipher suites counts, not the client's
     */
    public record Tls(
            Path key,
            Path cert,
            List<Path> ca,
            @Nullable String passphrase,
            @Nullable String ciphers,
            boolean honorCipherOrder) {

        public Tls {
            ca = List.copyOf(ca);
        }

        /** Written out, see "Records" in CONTRIBUTING.md. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Tls that
                    && key.equals(that.key)
                    && cert.equals(that.cert)
                    && ca.equals(that.ca)
                    && Objects.equals(passphrase, that.passphrase)
                    && Objects.equals(ciphers, that.ciphers)
                    && honorCipherOrder == that.honorCipherOrder;
        }

        @Override
        public int hashCode() {
            return 31 * key.hashCode() + cert.hashCode();
        }

        /** A key and a certificate, with every default. */
        public Tls(Path key, Path cert) {
            this(key, cert, List.of(), null, null, true);
        }

        /** The same certificate with other cipher suites. */
        Tls with(@Nullable String otherCiphers, boolean ourOrder) {
            return new Tls(key, cert, ca, passphrase, otherCiphers, ourOrder);
        }

        /** The cipher suites, in order of preference. */
        public CipherList cipherList() {
            return ciphers == null ? CipherList.intermediate() : CipherList.parse(ciphers);
        }

        /** Without the passphrase. */
        @Override
        public String toString() {
            return "Tls[key=" + key + ", cert=" + cert + "]";
        }
    }

    /**
     * The sources of certificates by host name. A listener has its own certificate besides.
     *
     * @param files first the certificates of {@code https.certificates}, then those of {@code
     *     https.certificatesDir}; each host is in one of them at most
     * @param fromRedis whether the store is asked as well
     */
    public record HostCertificates(List<HostCertificate> files, boolean fromRedis) {
        public HostCertificates {
            files = List.copyOf(files);
        }
    }

    /**
     * A certificate for some hosts.
     *
     * @param hosts names and wildcards of one label, in lower case; never empty
     * @param tls the key, the certificate and what belongs to them; its other components do not count
     */
    public record HostCertificate(List<String> hosts, Tls tls) {
        public HostCertificate {
            hosts = List.copyOf(hosts);
        }
    }
}
