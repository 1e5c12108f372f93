package io.hipache.config;

import io.hipache.config.address.DriverUrl;
import io.hipache.tls.CipherList;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration, checked and with every default filled in. Its keys are those of Hipache's {@code config.json};
 * {@code ConfigLoader} is the only way to one from a file.
 *
 * @param listeners every address to listen on, plain HTTP first
 * @param certificates by host name, for all addresses of https
 * @param drivers the store's URLs: reads go to the first, writes to the last; never empty
 * @param user the account of the workers when the supervisor is started as root; a number only where it has no name
 * @param group the group of the workers when the supervisor is started as root
 * @param files what is in the files of keys and certificates that the others name
 */
public record HipacheConfig(
        Server server,
        List<Listener> listeners,
        HostCertificates certificates,
        List<DriverUrl> drivers,
        String user,
        String group,
        KeyFiles files) {

    /** The user that keeps its rights, which nobody is by default. */
    public static final String ROOT = "root";

    public HipacheConfig {
        listeners = List.copyOf(listeners);
        drivers = List.copyOf(drivers);
    }

    /**
     * The section {@code server}.
     *
     * @param accessLog path of the access log, or {@code -} for standard output
     * @param log where messages go: {@code stderr}, {@code stdout} or the path of a file
     * @param workers number of worker processes, at least 1
     * @param maxSockets open and connecting sockets per backend and worker, at least 1
     * @param deadBackendTtl how long a backend stays marked dead, whole seconds
     * @param tcpTimeout longest inactivity of a client or backend; zero means none
     * @param tunnelTimeout longest inactivity of an upgraded connection; zero means none
     * @param retryOnError attempts after the first one
     * @param deadBackendOn500 whether a 500 marks its backend dead while an active checker lives
     * @param httpKeepAlive whether connections to backends are used again
     * @param http2 whether HTTP/2 is offered to clients on TLS listeners
     * @param memoryLimit resident set size of a worker in MB over which it is replaced
     * @param gracefulWait how long a replaced worker may finish its requests
     * @param stopTimeout within what time SIGTERM ends the program; requests in flight have a little less
     * @param staticDir the folder of the error pages
     * @param lruCache the cache of look-ups, null when off
     * @param plainIpv4 whether IPv4 addresses are told to backends as {@code 1.2.3.4} instead of {@code ::ffff:1.2.3.4}
     * @param trustedProxies CIDR blocks whose {@code x-forwarded-*} headers are believed
     * @param deadByMatchedKey whether dead backends of a wildcard frontend are marked and announced under its own name
     * @param deadAnnouncedRaw whether the URL of a dead backend is announced as it was stored
     */
    public record Server(
            String accessLog,
            String log,
            int workers,
            int maxSockets,
            Duration deadBackendTtl,
            Duration tcpTimeout,
            Duration tunnelTimeout,
            int retryOnError,
            boolean deadBackendOn500,
            boolean httpKeepAlive,
            boolean http2,
            int memoryLimit,
            Duration gracefulWait,
            Duration stopTimeout,
            Path staticDir,
            @Nullable LruCache lruCache,
            boolean debug,
            boolean plainIpv4,
            List<String> trustedProxies,
            boolean deadByMatchedKey,
            boolean deadAnnouncedRaw) {

        public Server {
            trustedProxies = List.copyOf(trustedProxies);
        }
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
    }

    /** What an address to listen on is for. A configuration file has the name in lower case. */
    public enum Kind {
        /** Requests of clients, which are routed to backends. */
        TRAFFIC
    }

    /**
     * How a listener speaks TLS. What is in the files is found in {@link HipacheConfig#files}.
     *
     * @param key the PEM file of the private key
     * @param cert the PEM file of the certificate, and of those that follow it to a root
     * @param ca PEM files of further certificates, of which those that continue the chain are sent along
     * @param passphrase what opens the key, null when it is not encrypted
     * @param ciphers as it was written, null for the default
     * @param honorCipherOrder whether our order of cipher suites counts, rather than the client's
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

        /** With every default. */
        public Tls(Path key, Path cert) {
            this(key, cert, List.of(), null, null, true);
        }

        /** The same certificate with other cipher suites. */
        Tls with(@Nullable String otherCiphers, boolean ourOrder) {
            return new Tls(key, cert, ca, passphrase, otherCiphers, ourOrder);
        }

        /** The cipher suites, in their order. */
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
     * Where a certificate for the name that a client asks for may come from, besides its listener.
     *
     * @param files those of {@code https.certificates}, then those of {@code https.certificatesDir}; no two for one host
     * @param fromRedis whether the store is asked, too
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
     * @param tls of which key and certificate count, with what belongs to them
     */
    public record HostCertificate(List<String> hosts, Tls tls) {
        public HostCertificate {
            hosts = List.copyOf(hosts);
        }
    }
}
