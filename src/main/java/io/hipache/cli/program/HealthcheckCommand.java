package io.hipache.cli.program;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.AdminClient;
import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hipache healthcheck}: whether the program of this machine is ready, for those who ask every few seconds. */
@Command(
        name = "healthcheck",
        description = {
            "Asks the program of this machine whether it can route requests now, as HEALTHCHECK of a container does.",
            "The first plain listener of the configuration is asked for \"Host: __ready__\", the first listener with TLS",
            "where there is no plain one."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when it is ready, 1 when it is not or nobody answers,",
            "2 when the command line or the configuration is wrong"
        })
public final class HealthcheckCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(names = "--admin", description = "ask the admin listener for /readyz instead; needs server.admin")
    private boolean admin;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "how long to wait for the answer; the default is 3")
    private int timeout;

    public HealthcheckCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withConfig(this::tell);
    }

    private int tell(HipacheConfig config, Output output) throws IOException {
        if (timeout < 1) {
            throw new IOException("--timeout: expected at least 1");
        }
        if (admin && config.server().admin() == null) {
            throw new IOException("--admin: " + AdminClient.MISSING);
        }
        Readiness readiness = Readiness.of(config, admin, Duration.ofSeconds(timeout));
        if (output.json()) {
            output.value(members("ready", readiness.ready(), "asked", readiness.asked(), "answer", readiness.words()));
        } else if (readiness.ready()) {
            output.line("ready, says " + readiness.asked());
        } else {
            output.problem("not ready, " + readiness.asked() + " " + readiness.words());
        }
        return readiness.ready() ? Exit.FINE : Exit.WRONG;
    }
}
