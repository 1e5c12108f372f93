package io.hipache.config.address;

import io.hipache.config.address.DriverAddress.Sentinels;
import io.hipache.config.address.DriverAddress.Server;
import io.hipache.config.address.DriverAddress.Tls;
import io.hipache.config.address.DriverAddress.UnixSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes driver URLs in the form that {@link DriverUrls} reads. */
public final class DriverUrlText {
    private DriverUrlText() {}

    /** With the password. */
    public static String full(DriverUrl url) {
        String password = url.password();
        return text(url, password == null ? null : encoded(password));
    }

    /** With {@code ***} for the password. */
    public static String masked(DriverUrl url) {
        return text(url, url.password() == null ? null : "***");
    }

    /** What says which keys a store has: its address, database and prefix, however one connects and logs in to it. */
    public static String store(DriverUrl url) {
        DriverAddress address =
                url.address() instanceof Server server ? new Server(server.host(), server.port(), null) : url.address();
        return text(new DriverUrl(address, null, null, url.database(), url.prefix()), null);
    }

    private static String text(DriverUrl url, @Nullable String password) {
        String user = url.user() == null ? "" : encoded(url.user());
        String credentials = password == null ? "" : user + ":" + password + "@";
        String prefix = url.prefix().isEmpty() ? "" : "#" + url.prefix();
        if (url.address() instanceof UnixSocket socket) {
            return "redis-socket://" + credentials + encoded(socket.path()) + "?database=" + url.database() + prefix;
        }
        if (url.address() instanceof Sentinels sentinels) {
            String hosts =
                    sentinels.sentinels().stream().map(DriverUrlText::address).collect(Collectors.joining(","));
            return "redis-sentinel://" + credentials + hosts + "/" + url.database() + "?master="
                    + encoded(sentinels.master()) + prefix;
        }
        Server server = (Server) url.address();
        Tls tls = server.tls();
        return (tls == null ? "redis://" : "rediss://") + credentials + address(server) + "/" + url.database()
                + (tls == null ? "" : options(tls)) + prefix;
    }

    private static String options(Tls tls) {
        Path ca = tls.ca();
        if (!tls.verify()) {
            return "?verify=false";
        }
        return ca == null ? "" : "?ca=" + encoded(ca);
    }

    private static String address(Server server) {
        String host = IpAddress.inUrl(server.host());
        return host + ":" + server.port();
    }

    private static String encoded(Path path) {
        return encoded(path.toString()).replace("%2F", "/");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
