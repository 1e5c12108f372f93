package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Checker;
import io.hipache.frontends.DeadScan;
import io.hipache.frontends.DeadSet;
import io.hipache.frontends.DeadSet.Mark;
import io.hipache.frontends.HostReader;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hipache dead}: lists the marks of dead backends. */
@Command(
        name = "dead",
        description = "Lists the backends that are marked dead.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when none is dead, 1 when one is, 2 without Redis"})
public final class DeadCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "*",
            description = "of hosts, with * and ?; the default is all")
    private String pattern = "*";

    public DeadCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore(this::list);
    }

    private int list(StoreConnection store, HipacheConfig config, Output output) throws StoreException {
        HostReader reader = new HostReader(
                store, config.server().deadByMatchedKey(), config.server().maxBackends());
        DeadScan.Found found = DeadScan.read(store, pattern);
        List<List<String>> rows = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (DeadSet set : found.sets()) {
            List<BackendEntry> backends = backends(reader, set.host());
            if (set.problem() != null) {
                rows.add(List.of(set.host(), "", set.problem()));
                values.add(members("host", set.host(), "problem", set.problem()));
            }
            for (Map.Entry<Integer, Mark> mark : new TreeMap<>(set.marks()).entrySet()) {
                int index = mark.getKey();
                String url = index < backends.size() ? backends.get(index).entry() : null;
                rows.add(List.of(
                        set.host(),
                        "#" + index + " " + (url == null ? "(no such backend)" : url),
                        mark.getValue().kind(),
                        Columns.lasting(mark.getValue())));
                values.add(members(
                        "host", set.host(),
                        "index", index,
                        "url", url,
                        "mark", mark.getValue().kind(),
                        "seconds", mark.getValue().seconds()));
            }
        }
        Checker checker = Checker.read(store, Instant.now());
        if (output.json()) {
            output.value(members("dead", values, "activeChecker", checker.alive(), "planbLocks", found.locks()));
        } else {
            output.table(rows);
            if (rows.isEmpty()) {
                output.line("no backend is marked dead");
            }
            if (checker.alive()) {
                output.line("an active checker sets and ends the marks");
            }
        }
        return rows.isEmpty() ? Exit.FINE : Exit.WRONG;
    }

    private static List<BackendEntry> backends(HostReader reader, String host) throws StoreException {
        try {
            return reader.read(host).backends();
        } catch (InvalidInputException e) {
            // somebody else has written a key that no request asks for
            return List.of();
        }
    }
}
