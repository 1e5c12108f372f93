package io.hipache.config.address;

import io.hipache.config.address.DriverAddress.Sentinels;
import io.hipache.config.address.DriverAddress.Server;
import io.hipache.config.address.DriverAddress.Tls;
import io.hipache.config.address.DriverAddress.UnixSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads driver URLs: Hipache's {@code redis:}, and in the notation of Lettuce and others {@code rediss:}, {@code
 * redis-socket:} or {@code unix:}, and {@code redis-sentinel:}. The text after a {@code #} is always the key prefix.
 */
public final class DriverUrls {
    public static final int REDIS_PORT = 6379;

    private static final int SENTINEL_PORT = 26379;
    private static final String KNOWN = "redis:, rediss:, redis-socket: and redis-sentinel:";

    /** The keys of one host are in several slots, so no script and no transaction can read them in a cluster. */
    private static final String NO_CLUSTER =
            "a Redis Cluster cannot be used, because a look-up reads several keys at one"
                    + " moment, and a cluster keeps them on different nodes; use one Redis (a million hosts take about 300 MB) with"
                    + " Sentinel, or with a replica on each machine to read from: driver [\"redis://replica\", \"redis://master\"]";

    private static final String IN_A_PASSWORD = "in a password, write /, ? and # as %2F, %3F and %23";

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?<host>[A-Za-z0-9._-]*|\\[(?<ipv6>[^]]*)])(?::(?<port>\\d*))?");
    private static final Pattern DATABASE = Pattern.compile("/?(\\d{0,9})");

    private DriverUrls() {}

    /**
     * Reads one URL.
     *
     * @throws BadUrl with an explanation for the author of the URL, without its secrets
     */
    public static DriverUrl parse(String url) throws BadUrl {
        Matcher scheme = SCHEME.matcher(url.strip());
        if (!scheme.matches()) {
            throw new BadUrl("expected a driver URL such as redis://:password@host:6379/0#prefix, got one without a"
                    + " scheme; the drivers known are " + KNOWN);
        }
        String after = scheme.group(2);
        return switch (scheme.group(1).toLowerCase(Locale.ROOT)) {
            case "redis" -> redis(DriverUrlParts.of(after));
            case "rediss" -> redisOverTls(DriverUrlParts.of(after));
            case "redis-socket", "unix" -> socket(DriverUrlParts.of(after));
            case "redis-sentinel" -> sentinels(DriverUrlParts.of(after));
            case "redis-cluster", "rediss-cluster" -> throw new BadUrl(NO_CLUSTER);
            default -> throw new BadUrl("unknown driver " + scheme.group(1) + ":, the ones known are " + KNOWN);
        };
    }

    private static DriverUrl redis(DriverUrlParts parts) throws BadUrl {
        int database = databaseOfPath(parts);
        Server server = server(hosts(parts), REDIS_PORT, null);
        parts.allowOptions();
        return url(server, parts, database);
    }

    private static DriverUrl redisOverTls(DriverUrlParts parts) throws BadUrl {
        int database = databaseOfPath(parts);
        Server server = server(hosts(parts), REDIS_PORT, tls(parts));
        parts.allowOptions("verify", "ca");
        return url(server, parts, database);
    }

    private static Tls tls(DriverUrlParts parts) throws BadUrl {
        String verify = parts.option("verify");
        String ca = parts.option("ca");
        if (verify != null && !verify.equals("true") && !verify.equals("false")) {
            throw new BadUrl("expected verify=true or verify=false");
        }
        if (ca != null && (ca.isEmpty() || "false".equals(verify))) {
            throw new BadUrl("expected ca=/path/of/a.pem without verify=false");
        }
        return new Tls(!"false".equals(verify), ca == null ? null : path(ca).toAbsolutePath());
    }

    private static DriverUrl socket(DriverUrlParts parts) throws BadUrl {
        String hosts = parts.hosts();
        if ((hosts != null && !hosts.isEmpty())
                || !parts.path().startsWith("/")
                || parts.path().equals("/")) {
            throw new BadUrl("expected an absolute path, as in redis-socket:///run/redis.sock?database=0");
        }
        String database = parts.option("database", "db");
        parts.allowOptions("database", "db");
        return url(
                new UnixSocket(path(DriverUrlParts.decoded("path", parts.path()))),
                parts,
                database == null ? 0 : database(parts, database));
    }

    private static DriverUrl sentinels(DriverUrlParts parts) throws BadUrl {
        int database = databaseOfPath(parts);
        List<Server> sentinels = new ArrayList<>();
        for (String host : hosts(parts).split(",", -1)) {
            sentinels.add(server(host, SENTINEL_PORT, null));
        }
        String master = parts.option("master", "sentinelMasterId");
        parts.allowOptions("master", "sentinelMasterId");
        if (master == null || master.isBlank()) {
            throw new BadUrl("expected the name of the master, as in redis-sentinel://host:26379/0?master=mymaster");
        }
        return url(new Sentinels(sentinels, master), parts, database);
    }

    private static DriverUrl url(DriverAddress address, DriverUrlParts parts, int database) {
        return new DriverUrl(address, parts.user(), parts.password(), database, parts.prefix());
    }

    private static String hosts(DriverUrlParts parts) {
        String hosts = parts.hosts();
        return hosts == null ? "" : hosts;
    }

    private static int databaseOfPath(DriverUrlParts parts) throws BadUrl {
        if (parts.hosts() == null && !parts.path().isEmpty() && !parts.path().startsWith("/")) {
            throw noDatabase(parts);
        }
        return database(parts, parts.path());
    }

    private static int database(DriverUrlParts parts, String text) throws BadUrl {
        Matcher database = DATABASE.matcher(text);
        if (!database.matches()) {
            throw noDatabase(parts);
        }
        return database.group(1).isEmpty() ? 0 : Integer.parseInt(database.group(1));
    }

    private static BadUrl noDatabase(DriverUrlParts parts) {
        return new BadUrl("expected a database number after the host, as in redis://host:6379/0"
                + (parts.mayBeTheRestOfAPassword() ? "; " + IN_A_PASSWORD : ""));
    }

    private static Server server(String text, int defaultPort, @Nullable Tls tls) throws BadUrl {
        Matcher address = HOST_AND_PORT.matcher(text);
        String ipv6 = address.matches() ? address.group("ipv6") : null;
        if (!address.matches() || (ipv6 != null && !IpAddress.isLiteral(ipv6))) {
            throw new BadUrl("the host is not a name or an address; " + IN_A_PASSWORD);
        }
        String host = ipv6 != null ? ipv6 : address.group("host");
        return new Server(host.isEmpty() ? "127.0.0.1" : host, port(address.group("port"), defaultPort), tls);
    }

    private static int port(@Nullable String digits, int otherwise) throws BadUrl {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        int port = digits.length() > 5 ? 0 : Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new BadUrl("expected a port from 1 to 65535, got " + digits);
        }
        return port;
    }

    private static Path path(String text) throws BadUrl {
        if (text.indexOf('\0') >= 0) {
            throw new BadUrl("expected a path, got a text that is not a path");
        }
        return Path.of(text);
    }
}
