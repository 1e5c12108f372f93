package io.hipache.config;

import io.hipache.config.HipacheConfig.DriverUrl;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes {@code redis://:password@host:port/database#prefix}, every part optional. The password is
 * percent-decoded, the prefix is taken as it stands. A user name is not used, as in Hipache.
 */
final class DriverUrls {
    static final int REDIS_PORT = 6379;

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    // the database may follow the scheme directly, and so may the prefix: redis:/2, redis:#prefix
    private static final Pattern REST =
            Pattern.compile("(?://(?<authority>[^/?#]*))?(?<path>[^?#]*)(?:#(?<prefix>.*))?", Pattern.DOTALL);
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?<host>[A-Za-z0-9._-]*|\\[(?<ipv6>[^]]*)])(?::(?<port>\\d*))?");
    private static final Pattern DATABASE = Pattern.compile("/?(\\d{0,9})");
    private static final Pattern BAD_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private DriverUrls() {}

    /** What is wrong with a URL, in words that never show a password. */
    static final class BadUrl extends Exception {
        private static final long serialVersionUID = 1L;

        BadUrl(String message) {
            super(message, null, false, false);
        }
    }

    static DriverUrl parse(String url) throws BadUrl {
        Matcher scheme = SCHEME.matcher(url.strip());
        if (!scheme.matches()) {
            throw new BadUrl("expected a driver URL such as redis://:password@host:6379/0#prefix, got one without a"
                    + " scheme; the driver known is redis:");
        }
        if (!scheme.group(1).toLowerCase(Locale.ROOT).equals("redis")) {
            throw new BadUrl("unknown driver " + scheme.group(1) + ":, the one known is redis:");
        }
        Matcher rest = REST.matcher(scheme.group(2));
        if (!rest.matches()) {
            throw new BadUrl("a driver URL has no query");
        }
        Matcher database = DATABASE.matcher(rest.group("path"));
        if (!database.matches() || (rest.group("authority") == null && !startsWithSlashOrNothing(rest.group("path")))) {
            throw new BadUrl("expected a database number after the host, as in redis://host:6379/0");
        }
        String authority = rest.group("authority") == null ? "" : rest.group("authority");
        int at = authority.lastIndexOf('@');
        return address(
                authority.substring(at + 1),
                at < 0 ? null : password(authority.substring(0, at)),
                database.group(1).isEmpty() ? 0 : Integer.parseInt(database.group(1)),
                rest.group("prefix") == null ? "" : rest.group("prefix"));
    }

    /** The inverse of {@link #parse}, password included. */
    static String format(DriverUrl url) {
        String credentials = "";
        if (url.password() != null) {
            credentials = ":"
                    + URLEncoder.encode(url.password(), StandardCharsets.UTF_8).replace("+", "%20") + "@";
        }
        return format(url, credentials);
    }

    static String masked(DriverUrl url) {
        return format(url, url.password() == null ? "" : ":***@");
    }

    private static String format(DriverUrl url, String credentials) {
        String host = url.host().contains(":") ? "[" + url.host() + "]" : url.host();
        String prefix = url.prefix().isEmpty() ? "" : "#" + url.prefix();
        return "redis://" + credentials + host + ":" + url.port() + "/" + url.database() + prefix;
    }

    private static boolean startsWithSlashOrNothing(String path) {
        return path.isEmpty() || path.startsWith("/");
    }

    private static DriverUrl address(String text, @Nullable String password, int database, String prefix)
            throws BadUrl {
        Matcher address = HOST_AND_PORT.matcher(text);
        String ipv6 = address.matches() ? address.group("ipv6") : null;
        if (!address.matches() || (ipv6 != null && !IpAddress.isLiteral(ipv6))) {
            throw new BadUrl("the host is not a name or an address; a password has / and # written as %2F and %23");
        }
        String host = ipv6 != null ? ipv6 : address.group("host");
        String port = address.group("port");
        return new DriverUrl(host.isEmpty() ? "127.0.0.1" : host, port(port), password, database, prefix);
    }

    private static int port(@Nullable String digits) throws BadUrl {
        if (digits == null || digits.isEmpty()) {
            return REDIS_PORT;
        }
        int port = digits.length() > 5 ? 0 : Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new BadUrl("expected a port from 1 to 65535, got " + digits);
        }
        return port;
    }

    /** What follows the first colon, or all of it when there is none: Hipache took both for the password. */
    private static @Nullable String password(String credentials) throws BadUrl {
        String password = credentials.substring(credentials.indexOf(':') + 1);
        if (BAD_PERCENT.matcher(password).find()) {
            throw new BadUrl("the password has a % without two hexadecimal digits; write %25 for a percent sign");
        }
        return password.isEmpty() ? null : URLDecoder.decode(password.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
