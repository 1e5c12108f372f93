package io.hipache.frontends;

import static io.hipache.frontends.Members.members;

import io.hipache.config.HipacheConfig;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Finding;
import io.hipache.frontends.HostState.Name;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Route;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known about a host: what the next request gets, and why.
 *
 * @param certificates the first one without a problem is shown to TLS clients; empty when no address speaks TLS
 * @param ttl for how many seconds workers mark
 */
public record Explanation(HostState state, Checker checker, List<Certificate> certificates, Instant now, long ttl) {

    public Explanation {
        certificates = List.copyOf(certificates);
    }

    /**
     * Asks the store about a host.
     *
     * @param host as a client writes it
     * @throws InvalidInputException when there is no host that could be looked up
     */
    public static Explanation read(StoreConnection store, HipacheConfig config, String host)
            throws StoreException, InvalidInputException {
        HipacheConfig.Server server = config.server();
        HostState state = new HostReader(store, server.deadByMatchedKey(), server.maxBackends()).read(host);
        Instant now = Instant.now();
        return new Explanation(
                state,
                Checker.read(store, now),
                new CertificateReader(store, config).shown(state.host()),
                now,
                server.deadBackendTtl().toSeconds());
    }

    /** Why the next request is refused, in words. */
    public String why(EndReason reason) {
        return switch (reason) {
            case NO_FRONTEND -> "none of the names has a list";
            case NO_LIVE_BACKEND ->
                state.backends().isEmpty()
                        ? "the list has an identifier and no backend"
                        : "each backend is marked dead (hipache revive " + state.host() + " --all)";
            case INVALID_BACKEND -> "no backend that counts as alive has a usable URL";
            case STORE_WRONG_TYPE -> "the key is not a list";
            case STORE_TOO_LARGE -> "the list is over a bound";
            default -> "the store has no answer";
        };
    }

    /**
     * The members of a JSON object, which {@code docs/commands.md} describes.
     *
     * @param workers what the workers of this machine have seen of the host, null when nobody was asked
     */
    public Map<String, Object> json(@Nullable Object workers) {
        Name found = state.found();
        return members(
                "host", state.host(),
                "names", state.names().stream().map(Explanation::json).toList(),
                "frontend", found == null ? null : found.name(),
                "identifier", state.identifier(),
                "backends", state.backends().stream().map(Explanation::json).toList(),
                "activeChecker", members("alive", checker.alive(), "secondsSincePing", checker.seconds()),
                "problems",
                        state.deadSets().stream()
                                .map(DeadSet::problem)
                                .filter(problem -> problem != null)
                                .toList(),
                "certificates",
                        certificates.stream()
                                .map(certificate -> certificate.json(state.host(), now))
                                .toList(),
                "workers", workers,
                "next", nextJson());
    }

    private static Object json(Name name) {
        return members(
                "name", name.name(),
                "key", name.key(),
                "finding", name.finding().name().toLowerCase(Locale.ROOT),
                "backends", name.finding() == Finding.MATCHES ? name.length() - 1 : null);
    }

    private static Object json(BackendEntry backend) {
        Mark mark = backend.mark();
        return members(
                "index", backend.index(),
                "url", backend.entry(),
                "state", !backend.usable() ? "unusable" : mark == null ? "alive" : "dead",
                "mark", mark == null ? null : mark.kind(),
                "seconds", mark == null ? null : mark.seconds());
    }

    private @Nullable Object nextJson() {
        if (state.route() instanceof Route.Refused refused) {
            return members(
                    "status", refused.status(),
                    "reason", refused.reason().word(),
                    "message", refused.message(),
                    "why", why(refused.reason()));
        }
        return members(
                "candidates",
                state.backends().stream()
                        .filter(BackendEntry::isCandidate)
                        .map(BackendEntry::entry)
                        .toList());
    }
}
