package io.hipache.cli.store;

import io.hipache.config.Installation;
import io.hipache.frontends.Certificate;
import io.hipache.frontends.DeadSet;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.Explanation;
import io.hipache.frontends.HostState;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Name;
import io.hipache.messages.Quantity;
import io.hipache.routing.Route;
import java.util.ArrayList;
import java.util.List;

/**
 * What is said about a host, for people.
 *
 * @param workers what the workers of this machine have seen, a line each
 */
record ExplanationText(Explanation explained, List<String> workers) {

    List<List<String>> rows() {
        HostState state = explained.state();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("host", state.host()));
        section(
                rows,
                "names",
                state.names().stream().map(ExplanationText::nameCells).toList());
        if (state.identifier() != null) {
            rows.add(List.of("identifier", state.identifier()));
            section(
                    rows,
                    "backends",
                    state.backends().stream().map(ExplanationText::backendCells).toList());
            section(rows, "marks", marks().stream().map(List::of).toList());
        }
        section(rows, "certificate", certificateLines().stream().map(List::of).toList());
        section(rows, "workers", workers.stream().map(List::of).toList());
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
                        "matches: " + name.key() + " has " + Quantity.of(name.length() - 1, "backend", "backends");
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
                explained.checker().alive()
                        ? "an active checker sets and ends them (sign of life "
                                + explained.checker().seconds() + " s ago)"
                        : "workers set them for " + explained.ttl() + " s each; no active checker is alive");
        explained.state().deadSets().stream()
                .map(DeadSet::problem)
                .filter(problem -> problem != null)
                .forEach(problem -> lines.add("all backends count as alive, because " + problem));
        return lines;
    }

    private List<String> certificateLines() {
        List<String> lines = new ArrayList<>();
        for (Certificate certificate : explained.certificates()) {
            String problem = certificate.problem(explained.state().host(), explained.now());
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
        HostState state = explained.state();
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
                        + refused.reason().word() + ": " + explained.why(refused.reason()) + ".",
                "See "
                        + Installation.find()
                                .page("docs/reasons.md#" + refused.reason().word()));
    }
}
