package io.hipache.frontends;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A certificate in a file or in the store.
 *
 * @param source the file, or the key in Redis
 * @param hosts that the certificate names, as they stand there
 * @param from null when the certificate cannot be used
 * @param until null when the certificate cannot be used
 * @param fault why it cannot be used at all, null when it can
 */
public record Certificate(
        String source, List<String> hosts, @Nullable Instant from, @Nullable Instant until, @Nullable String fault) {

    public Certificate {
        hosts = List.copyOf(hosts);
    }

    /** Whether workers show it, even if clients refuse it then. */
    public boolean isUsable() {
        return fault == null;
    }

    /** What is wrong with it for a client that asks for this host, null when nothing is. */
    public @Nullable String problem(@Nullable String host, Instant now) {
        if (from == null || until == null) {
            return fault;
        }
        if (now.isAfter(until)) {
            return "clients refuse it, because it expired on " + until;
        }
        if (now.isBefore(from)) {
            return "clients refuse it, because it is not valid before " + from;
        }
        return host == null || covers(host)
                ? null
                : "clients refuse it over https, because it is for " + String.join(", ", hosts)
                        + "; plain http is not concerned";
    }

    private boolean covers(String host) {
        int dot = host.indexOf('.');
        String wildcard = dot < 0 ? "" : "*" + host.substring(dot);
        return hosts.stream().anyMatch(name -> name.equalsIgnoreCase(host) || name.equalsIgnoreCase(wildcard));
    }

    /** The members of a JSON object. */
    public Map<String, Object> json(@Nullable String host, Instant now) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", source);
        json.put("hosts", hosts);
        if (from != null && until != null) {
            json.put("from", from.toString());
            json.put("until", until.toString());
        }
        String problem = problem(host, now);
        if (problem != null) {
            json.put("problem", problem);
        }
        return json;
    }
}
