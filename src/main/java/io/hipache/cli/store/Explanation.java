package io.hipache.cli.store;

import static io.hipache.cli.common.Output.object;

import io.hipache.frontends.Certificate;
import io.hipache.frontends.Checker;
import io.hipache.frontends.DeadSet;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.HostState;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Finding;
import io.hipache.frontends.HostState.Name;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is said about a host.
 *
 * @param certificates the first one without a problem is shown to TLS clients; empty when no address speaks TLS
 * @param ttl for how many seconds workers mark
 */
record Explanation(
        HostState state,
        Checker checker,
        List<Certificate> certificates,
        WorkersView.Seen workers,
        Instant now,
        long ttl) {

    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("host", state.host()));
        section(
                rows,
                "names",
                state.names().stream().map(Explanation::nameCells).toList());
        if (state.identifier() != null) {
            rows.add(List.of("identifier", state.identifier()));
            section(
                    rows,
                    "backends",
                    state.backends().stream().map(Explanation::backendCells).toList());
            section(rows, "marks", marks().stream().map(List::of).toList());
        }
        section(rows, "certificate", certificateLines().stream().map(List::of).toList());
        section(rows, "workers", workers.lines().stream().map(List::of).toList());
        section(rows, "next", next().stream().map(List::of).toList());
        return rows;
    }

    /** Puts the title before the first line. Cells of one section are aligned among themselves only. */
    private static void section(List<List<String>> rows, String title, List<List<String>> lines) {
        int width = lines.stream()
                .filter(cells -> cells.size() > 1)
                .mapToInt(cells -> cells.get(0).length())
                .max()
                .orElse(0);
        for (int i = 0; i < lines.size(); i++) {
            List<String> cells = lines.get(i);
            String first = cells.get(0);
            String text = cells.size() == 1 ? first : first + " ".repeat(width - first.length() + 2) + cells.get(1);
            rows.add(List.of(i == 0 ? title : "", text));
        }
    }

    private static List<String> nameCells(Name name) {
        String words =
                switch (name.finding()) {
                    case MATCHES ->
                        "matches: " + name.key() + " has " + Columns.count(name.length() - 1, "backend", "backends");
                    case ABSENT -> "there is no " + name.key();
                    case WRONG_TYPE ->
                        "ends the look-up: " + name.key() + " is not a list; delete it or write it again";
                    case TOO_LARGE ->
                        "ends the look-up: " + name.key() + " is too large; shorten it, or raise server.maxBackends";
                    case SHADOWED -> "exists, but a name before it counts";
                    case NOT_NEEDED -> "does not exist, and is not needed";
                };
        return List.of(name.name(), words);
    }

    private static List<String> backendCells(BackendEntry backend) {
        Mark mark = backend.mark();
        String words = "alive";
        if (!backend.usable()) {
            words = "never used: no http:// or https:// URL with a host and a port";
        } else if (mark != null) {
            words = "dead " + Columns.lasting(mark)
                    + (mark.soft() ? ", after a soft failure" : ", after a hard failure");
        }
        return List.of("#" + backend.index() + " " + backend.entry(), words);
    }

    private List<String> marks() {
        List<String> lines = new ArrayList<>();
        lines.add(
                checker.alive()
                        ? "an active checker sets and ends them (sign of life " + checker.seconds() + " s ago)"
                        : "workers set them for " + ttl + " s each; no active checker is alive");
        state.deadSets().stream()
                .map(DeadSet::problem)
                .filter(problem -> problem != null)
                .forEach(problem -> lines.add("all backends count as alive, because " + problem));
        return lines;
    }

    private List<String> certificateLines() {
        List<String> lines = new ArrayList<>();
        for (Certificate certificate : certificates) {
            String problem = certificate.problem(state.host(), now);
            boolean shown = certificate.isUsable();
            lines.add(certificate.source()
                    + (shown ? " is shown, " : " is not shown: ")
                    + (problem == null ? "valid until " + certificate.until() : problem));
            if (shown) {
                return lines;
            }
        }
        if (lines.isEmpty()) {
            lines.add("none: no address of the configuration speaks TLS");
        }
        return lines;
    }

    private List<String> next() {
        List<String> candidates = state.backends().stream()
                .filter(BackendEntry::isCandidate)
                .map(BackendEntry::entry)
                .toList();
        if (!(state.route() instanceof Route.Refused refused)) {
            return List.of(
                    candidates.size() == 1
                            ? "The next request gets to " + candidates.get(0)
                                    + ", the only backend that counts as alive."
                            : "The next request gets to one of " + candidates.size()
                                    + " backends, each with the same chance.",
                    "Whether they answer: hipache check " + state.host());
        }
        return List.of(
                "The next request gets a " + refused.status() + ", "
                        + refused.reason().word() + ": " + why(refused.reason()) + ".",
                "See docs/reasons.md#" + refused.reason().word());
    }

    private String why(EndReason reason) {
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

    Map<String, Object> json() {
        Name found = state.found();
        return object(
                "host", state.host(),
                "names", state.names().stream().map(Explanation::json).toList(),
                "frontend", found == null ? null : found.name(),
                "identifier", state.identifier(),
                "backends", state.backends().stream().map(Explanation::json).toList(),
                "activeChecker", object("alive", checker.alive(), "secondsSincePing", checker.seconds()),
                "problems",
                        state.deadSets().stream()
                                .map(DeadSet::problem)
                                .filter(problem -> problem != null)
                                .toList(),
                "certificates",
                        certificates.stream()
                                .map(certificate -> certificate.json(state.host(), now))
                                .toList(),
                "workers", workers.json(),
                "next", nextJson());
    }

    private static Object json(Name name) {
        return object(
                "name", name.name(),
                "key", name.key(),
                "finding", name.finding().name().toLowerCase(Locale.ROOT),
                "backends", name.finding() == Finding.MATCHES ? name.length() - 1 : null);
    }

    private static Object json(BackendEntry backend) {
        Mark mark = backend.mark();
        return object(
                "index", backend.index(),
                "url", backend.entry(),
                "state", !backend.usable() ? "unusable" : mark == null ? "alive" : "dead",
                "mark", mark == null ? null : Columns.kind(mark),
                "seconds", mark == null ? null : mark.seconds());
    }

    private @Nullable Object nextJson() {
        if (state.route() instanceof Route.Refused refused) {
            return object("status", refused.status(), "reason", refused.reason().word(), "message", refused.message());
        }
        return object(
                "candidates",
                state.backends().stream()
                        .filter(BackendEntry::isCandidate)
                        .map(BackendEntry::entry)
                        .toList());
    }
}
