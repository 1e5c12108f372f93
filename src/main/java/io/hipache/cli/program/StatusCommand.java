package io.hipache.cli.program;

import static io.hipache.frontends.Members.members;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.cli.common.AdminClient;
import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.Installation;
import io.hipache.driver.redis.ClientName;
import io.hipache.frontends.FrontendScan;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import io.hipache.store.StoreStatus;
import io.hipache.supervisor.SupervisorRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hipache status}: whether the program runs, and whether its store answers. */
@Command(
        name = "status",
        description = "Says which Hipache runs on this machine, and whether Redis answers.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when it runs and Redis answers, 1 when one of both is not so,",
            "2 for a wrong command line or configuration"
        })
public final class StatusCommand implements Callable<Integer> {

    private static final String WORKER = "worker";

    @Mixin
    private final StoreOptions options;

    private final String version;

    /** @param version of this command, which is that of the installed program */
    public StatusCommand(Setting setting, String version) {
        this.options = new StoreOptions(setting);
        this.version = version;
    }

    @Override
    public Integer call() {
        return options.withConfig(this::tell, this::tellWithoutConfig);
    }

    private int tell(HipacheConfig config, Output output) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        List<Object> programs = programs(rows);
        List<String> addresses = config.listeners().stream().map(Listener::url).toList();
        rows.add(List.of("addresses", String.join(" ", addresses)));
        rows.add(List.of("installed", version));
        Map<String, Object> store = store(config);
        rows.add(List.of("store", storeWords(store)));
        Map<String, Object> memory = memory(config.server().admin());
        rows.add(List.of("memory", memoryWords(memory)));
        if (memory.containsKey("ready")) {
            rows.add(List.of("ready", readyWords(memory)));
        }
        if (!Boolean.TRUE.equals(store.get("answers"))) {
            rows.add(List.of("clients", clientWords(config.server().staleIfDown())));
        }
        if (output.json()) {
            output.value(members(
                    "programs",
                    programs,
                    "addresses",
                    addresses,
                    "installed",
                    version,
                    "store",
                    store,
                    "memory",
                    memory));
        } else {
            output.table(rows);
        }
        return programs.isEmpty() || !Boolean.TRUE.equals(store.get("answers")) ? Exit.WRONG : Exit.FINE;
    }

    /** The program that runs may have read the file before somebody broke it. */
    private void tellWithoutConfig(String problem, Output output) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        List<Object> programs = programs(rows);
        rows.add(List.of("installed", version));
        if (output.json()) {
            output.value(members("programs", programs, "installed", version, "problem", problem));
        } else {
            output.table(rows);
        }
        output.problem(problem);
    }

    /** Every program that runs, which is found without the configuration. Its lines are added to the rows. */
    private static List<Object> programs(List<List<String>> rows) throws IOException {
        List<Object> programs = new ArrayList<>();
        for (long pid : SupervisorRequest.supervisors()) {
            List<ProcessHandle> workers = ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .filter(StatusCommand::isWorker)
                    .toList();
            rows.add(List.of("program", "process " + pid + since(pid)));
            workers.forEach(worker -> rows.add(List.of("", "worker " + worker.pid() + since(worker.pid()))));
            programs.add(members(
                    "pid",
                    pid,
                    "since",
                    start(pid),
                    "workers",
                    workers.stream()
                            .map(worker -> members("pid", worker.pid(), "since", start(worker.pid())))
                            .toList()));
        }
        if (programs.isEmpty()) {
            rows.add(List.of("program", "no Hipache is running that this user can ask"));
        }
        return programs;
    }

    /** Whether workers answer from memory, because Redis gives them no answers: only they know. */
    private static Map<String, Object> memory(HipacheConfig.@Nullable Admin admin) {
        if (admin == null) {
            return members("problem", "not known whether workers answer from memory, that needs server.admin");
        }
        AdminClient client = new AdminClient(admin);
        try {
            JsonNode status = client.get("/status.json");
            if (status == null) {
                return members("problem", "what answers at " + client.name() + " has no /status.json");
            }
            return members(
                    "ready", status.path("ready").asBoolean(),
                    "obstacle", status.path("obstacle").asText(),
                    "workers", status.at("/workers/processes").size(),
                    "staleWorkers", status.at("/store/staleWorkers").asLong(),
                    "staleRequests", status.at("/store/staleRequests").asLong());
        } catch (IOException e) {
            return members("problem", "not known whether workers answer from memory: " + e.getMessage());
        }
    }

    private static String memoryWords(Map<String, Object> memory) {
        if (memory.containsKey("problem")) {
            return String.valueOf(memory.get("problem"));
        }
        String requests = ", " + counted(memory.get("staleRequests"), "request was", "requests were")
                + " answered so since the start";
        return Long.valueOf(0).equals(memory.get("staleWorkers"))
                ? "no worker answers from memory instead of Redis" + requests
                : memory.get("staleWorkers") + " of " + counted(memory.get("workers"), "worker", "workers")
                        + " answer from memory, because Redis gives them no answers" + requests;
    }

    private static String readyWords(Map<String, Object> memory) {
        return Boolean.TRUE.equals(memory.get("ready"))
                ? "yes, Host: __ready__ gets a 200"
                : "no, Host: __ready__ gets a 503, " + memory.get("obstacle");
    }

    /** What Redis has to do with clients, in the words of {@code docs/reliability.md}. */
    private static String clientWords(Duration staleIfDown) {
        String refused = "a 503 with Retry-After, 2 s after the request";
        return "while workers cannot ask Redis either, "
                + (staleIfDown.isZero()
                        ? "every host gets " + refused + ", and Host: __ready__ a 503 (server.staleIfDown is 0)"
                        : "hosts that a worker knows get answers from its memory for "
                                + Quantity.of(staleIfDown.toSeconds(), "second", "seconds")
                                + " (server.staleIfDown), others get " + refused)
                + ": " + Installation.find().page("docs/reliability.md#redis-away");
    }

    private static boolean isWorker(ProcessHandle process) {
        return process.info()
                .arguments()
                .map(arguments -> arguments.length > 0 && arguments[arguments.length - 1].equals(WORKER))
                .orElse(true);
    }

    private static String since(long pid) {
        String start = start(pid);
        return start.isEmpty()
                ? ""
                : ", since " + start + " (" + words(Duration.between(Instant.parse(start), Instant.now())) + ")";
    }

    private static String words(Duration duration) {
        if (duration.toDays() > 0) {
            return duration.toDays() + " d";
        }
        return duration.toHours() > 0 ? duration.toHours() + " h" : duration.toMinutes() + " min";
    }

    private static String start(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .map(instant -> instant.truncatedTo(ChronoUnit.SECONDS).toString())
                .orElse("");
    }

    private static Map<String, Object> store(HipacheConfig config) {
        StoreEndpoints endpoints = StoreEndpoints.of(config);
        String name = endpoints.read().toString();
        try (StoreConnection store = new StoreConnection(endpoints, ClientName.CLI)) {
            StoreStatus status = StoreStatus.of(store);
            return members(
                    "address", name,
                    "answers", true,
                    "microseconds", status.micros(),
                    "version", status.version(),
                    "role", status.role(),
                    "frontends", frontends(store),
                    "keys", status.keys());
        } catch (StoreException e) {
            return members("address", name, "answers", false, "problem", String.valueOf(e.getMessage()));
        }
    }

    /** Null where this user may not walk through the keys. */
    private static @Nullable Integer frontends(StoreConnection store) throws StoreException {
        try {
            return FrontendScan.count(store);
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.FORBIDDEN) {
                return null;
            }
            throw e;
        }
    }

    /** The number may be unknown. */
    private static String counted(@Nullable Object number, String one, String many) {
        return number instanceof Number known ? Quantity.of(known.longValue(), one, many) : "? " + many;
    }

    private static String storeWords(Map<String, Object> store) {
        if (!Boolean.TRUE.equals(store.get("answers"))) {
            return String.valueOf(store.get("problem"));
        }
        return "Redis " + store.get("address") + " answers in " + store.get("microseconds") + " µs, version "
                + store.getOrDefault("version", "not told") + ", role " + store.getOrDefault("role", "not told") + ", "
                + counted(store.get("frontends"), "frontend", "frontends") + " among "
                + counted(store.get("keys"), "key", "keys") + " of the database";
    }
}
