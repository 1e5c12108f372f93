package io.hipache.cli;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.LoadedConfig;
import io.hipache.config.address.DriverUrl;
import io.hipache.dev.Playground;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** {@code --dev}: runs the ordinary supervisor with a store and backends of its own. */
final class DevCommand {
    private static final Logger log = LoggerFactory.getLogger(DevCommand.class);

    private final ConfigLoader loader;
    private final CommandLine commandLine;

    DevCommand(ConfigLoader loader, CommandLine commandLine) {
        this.loader = loader;
        this.commandLine = commandLine;
    }

    int run(DevOptions options, @Nullable Path file) {
        HipacheConfig base;
        try {
            LoadedConfig loaded = file == null ? loader.parse(ownConfig(options.port)) : loader.load(file);
            loaded.warnings().forEach(warning -> log.warn("WARNING! {}", warning));
            base = loaded.config();
        } catch (ConfigException e) {
            HipacheCommand.report(commandLine.getErr(), file == null ? "--dev" : file.toString(), e);
            return HipacheCommand.WRONG_CONFIGURATION;
        }
        try (Playground playground = Playground.start(options.redisPort)) {
            HipacheConfig config = new HipacheConfig(
                    base.server(),
                    base.listeners(),
                    base.certificates(),
                    List.of(store(playground)),
                    base.user(),
                    base.group(),
                    base.files());
            Listener listener = config.listeners().get(0);
            commandLine.getOut().println(playground.introduction(listener.address(), listener.port()));
            return Supervisor.run(config, () -> new LoadedConfig(config, List.of()), Succession.NONE);
        } catch (IOException e) {
            commandLine.getErr().println("hipache: " + e.getMessage());
            return HipacheCommand.NOT_STARTED;
        }
    }

    private static DriverUrl store(Playground playground) {
        return new DriverUrl("127.0.0.1", playground.redisPort(), null, 0, "");
    }

    /** The workers keep the account of this process. Another account may not be able to read the program. */
    private static String ownConfig(int port) {
        return """
                {
                  "server": {"accessLog": "-", "address": "127.0.0.1", "port": %d, "workers": 2},
                  "user": "%s"
                }
                """
                .formatted(port, System.getProperty("user.name", "root"));
    }
}
