package io.hipache.frontends;

import io.hipache.frontends.InvalidInputException.Remedy;
import io.hipache.routing.BackendUrl;
import io.hipache.routing.RequestedHost;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Names of frontends and URLs of backends, as people write them. The rules are those of the router. */
public final class FrontendName {

    private static final int MOST_LABELS = 6;
    private static final int LONGEST_ENTRY = 8 * 1024;

    private FrontendName() {}

    /**
     * The name in the form in which a frontend is stored: in lower case, without port and trailing dot. A wildcard is
     * {@code *} or {@code *.example.com}.
     */
    public static String of(String written) throws InvalidInputException {
        RequestedHost requested = RequestedHost.of(written.strip());
        if (requested instanceof RequestedHost.Malformed malformed) {
            throw new InvalidInputException(quoted(written) + " is no host: " + malformed.message());
        }
        if (!(requested instanceof RequestedHost.Name name)) {
            throw new InvalidInputException(
                    quoted(written) + " is a question to the proxy itself, which has no frontend");
        }
        checkWildcard(name.host());
        return name.host();
    }

    private static void checkWildcard(String host) throws InvalidInputException {
        int star = host.lastIndexOf('*');
        if (star < 0 || host.equals("*")) {
            return;
        }
        if (star > 0 || host.charAt(1) != '.') {
            throw new InvalidInputException(
                    quoted(host) + " matches no request: a wildcard is * or begins with *. as in *.example.com");
        }
        if (host.chars().filter(c -> c == '.').count() >= MOST_LABELS) {
            throw new InvalidInputException(quoted(host) + " matches no request: a wildcard has " + MOST_LABELS
                    + " labels at most, * included");
        }
    }

    /** Checks the identifier of a frontend, which may be anything that fits on a line. */
    public static String identifier(String written) throws InvalidInputException {
        if (written.isBlank() || written.length() > LONGEST_ENTRY || isNoLine(written)) {
            throw new InvalidInputException("an identifier is a short text of one line, got " + quoted(written));
        }
        return written;
    }

    /**
     * Checks the URLs of backends.
     *
     * @param force whether entries are taken that the router would never pick
     */
    public static List<String> entries(List<String> written, boolean force) throws InvalidInputException {
        List<String> entries = written.stream().map(String::strip).toList();
        for (String entry : entries) {
            if (entry.isEmpty() || entry.length() > LONGEST_ENTRY || isNoLine(entry)) {
                throw new InvalidInputException(quoted(entry) + " cannot be an entry of a frontend");
            }
            if (!force && BackendUrl.parse(entry) == null) {
                throw new InvalidInputException(
                        quoted(entry) + " is no URL of a backend: expected http://host:port or https://host:port",
                        Remedy.FORCE);
            }
        }
        return entries;
    }

    /** Half of a surrogate pair, which JSON can have, would be another text in the store. */
    private static boolean isNoLine(String text) {
        return text.chars().anyMatch(Character::isISOControl)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static String quoted(String text) {
        String shown = text.length() > 100 ? text.substring(0, 100) + "…" : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
