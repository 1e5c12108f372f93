package io.hipache.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.cli.common.AdminClient;
import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Change;
import io.hipache.frontends.DrainRules;
import io.hipache.frontends.FrontendName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache drain}: no new requests for a backend, and a wait until the old ones have ended. */
@Command(
        name = "drain",
        description =
                "Removes backends from a frontend, and waits until no request of this machine is under way there.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when nothing is under way any more, 1 when something is, nobody can tell, or the key is not a list,"
                    + " 2 when nothing was removed: no other backend counts as alive, or there is no Redis"
        })
public final class DrainCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 500;

    @Mixin
    private final StoreOptions options;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "how long to wait; 0 for not at all; the default is 60")
    private int timeout;

    @Parameters(index = "0", paramLabel = "HOST", description = "a host, *.example.com, or *")
    private String host = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "URL", description = "exactly as the frontend has it")
    private List<String> urls = List.of();

    public DrainCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore(this::drain);
    }

    /** What is under way on the backends that are drained. */
    private record UnderWay(long requests, long tunnels, boolean known) {
        /** Before a worker has told anything that counts. */
        private static final UnderWay UNKNOWN = new UnderWay(0, 0, false);

        boolean isOver() {
            return known && requests + tunnels == 0;
        }

        String words() {
            return known || requests + tunnels > 0
                    ? Quantity.of(requests, "request", "requests") + " and "
                            + Quantity.of(tunnels, "WebSocket", "WebSockets")
                    : "it is not known how many requests";
        }
    }

    private int drain(StoreConnection store, HipacheConfig config, Output output)
            throws StoreException, InvalidInputException {
        if (timeout < 0) {
            throw new InvalidInputException("--timeout: expected at least 0");
        }
        String name = FrontendName.of(host);
        List<String> entries = FrontendName.entries(urls, true);
        Change.Result result = new Change(store).drain(name, entries);
        if (result.backends() < 0) {
            output.problem("there is no frontend " + name);
            return Exit.WRONG;
        }
        if (!output.json()) {
            ChangeOutput.print(output, name, result);
            output.out().flush();
        }
        if (timeout == 0) {
            if (output.json()) {
                output.value(ChangeOutput.json(name, result));
            }
            return Exit.FINE;
        }
        UnderWay last = UnderWay.UNKNOWN;
        try {
            last = await(config, DrainRules.addresses(entries), output);
        } catch (IOException e) {
            output.problem("nobody tells whether requests are under way there: " + e.getMessage());
        }
        return told(output, name, result, last);
    }

    private UnderWay await(HipacheConfig config, List<String> addresses, Output output) throws IOException {
        HipacheConfig.Admin admin = config.server().admin();
        if (admin == null) {
            throw new IOException(AdminClient.MISSING);
        }
        AdminClient client = new AdminClient(admin);
        long obeyed = DrainRules.obeyedWithin(config).toMillis();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeout);
        long start = -1;
        UnderWay last = UnderWay.UNKNOWN;
        while (true) {
            JsonNode page = client.get("/backends.json");
            if (page == null) {
                throw new IOException("what answers at " + client.name() + " has no /backends.json");
            }
            // by the clock of the program that answers
            start = start < 0 ? page.path("time").asLong() : start;
            UnderWay now = underWay(page, addresses, start + obeyed);
            if (!output.json() && !now.equals(last) && now.requests() + now.tunnels() > 0) {
                output.line(now.words() + " under way there, waiting");
                output.out().flush();
            }
            last = now;
            if (now.isOver() || System.nanoTime() - end >= 0) {
                return now;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                return now;
            }
        }
    }

    /** @param obeyedMillis reports of workers that are older do not count */
    private static UnderWay underWay(JsonNode page, List<String> addresses, long obeyedMillis) {
        long requests = 0;
        long tunnels = 0;
        for (JsonNode backend : page.path("backends")) {
            if (addresses.contains(backend.path("backend").asText())) {
                requests += backend.path("requests").asLong();
                tunnels += backend.path("tunnels").asLong();
            }
        }
        boolean known =
                page.path("complete").asBoolean() && page.path("reported").asLong() >= obeyedMillis;
        return new UnderWay(requests, tunnels, known);
    }

    private static int told(Output output, String name, Change.Result result, UnderWay last) {
        if (output.json()) {
            Map<String, Object> json = ChangeOutput.json(name, result);
            json.put("drained", last.isOver());
            json.put("requests", last.requests());
            json.put("tunnels", last.tunnels());
            output.value(json);
        } else if (last.isOver()) {
            output.line("drained: nothing of this machine is under way there");
        } else {
            output.problem("not drained: " + last.words()
                    + " of this machine are under way there; this counts other hosts with the same backend");
        }
        return last.isOver() ? Exit.FINE : Exit.WRONG;
    }
}
