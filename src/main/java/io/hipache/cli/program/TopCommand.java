package io.hipache.cli.program;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.cli.common.AdminClient;
import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hipache top}: what the running program does, again and again. */
@Command(
        name = "top",
        description =
                "Shows the traffic, the processes and the busiest hosts, and again until Ctrl-C. Needs server.admin.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 at its end, 2 when nobody answers or the command line is wrong"})
public final class TopCommand implements Callable<Integer> {
    /** Homes the cursor and clears what is below (ECMA-48). */
    private static final String CLEAR = "\u001b[H\u001b[J";

    @Mixin
    private final StoreOptions options;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "the pause between two looks; the default is 2")
    private int interval;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "TIMES",
            defaultValue = "0",
            description = "how often to look; 0, the default, is until Ctrl-C")
    private int count;

    public TopCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withConfig(this::show);
    }

    private int show(HipacheConfig config, Output output) throws IOException {
        HipacheConfig.Admin admin = config.server().admin();
        if (admin == null) {
            throw new IOException("top needs the admin listener: " + AdminClient.MISSING);
        }
        if (interval < 1 || count < 0) {
            throw new IOException("--interval: expected at least 1; --count: expected at least 0");
        }
        AdminClient client = new AdminClient(admin);
        JsonNode before = null;
        for (int looks = 1; ; looks++) {
            JsonNode now = client.get("/status.json");
            if (now == null) {
                throw new IOException("what answers at " + client.name() + " has no /status.json");
            }
            print(now, before, output);
            before = now;
            if (looks == count) {
                return Exit.FINE;
            }
            try {
                TimeUnit.SECONDS.sleep(interval);
            } catch (InterruptedException e) {
                return Exit.FINE;
            }
        }
    }

    /** Whether somebody sees standard output, and no file or pipe takes it. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    private static void print(JsonNode now, @Nullable JsonNode before, Output output) {
        if (output.json()) {
            output.value(now);
            return;
        }
        if (before != null && isTerminal()) {
            output.out().print(CLEAR);
        } else if (before != null) {
            output.line("");
        }
        output.table(new TopTable(now, before).rows());
        output.out().flush();
    }
}
