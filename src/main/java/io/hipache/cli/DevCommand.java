package io.hipache.cli;

import io.hipache.cli.common.AdminClient;
import io.hipache.cli.program.Readiness;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.LoadedConfig;
import io.hipache.config.address.DriverUrl;
import io.hipache.dev.Playground;
import io.hipache.dev.Surroundings;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.upgrade.Succession;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** {@code --dev}: runs the ordinary supervisor with a store and backends of its own. */
final class DevCommand {
    private static final Logger log = LoggerFactory.getLogger(DevCommand.class);

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long RETRY_MILLIS = 50;

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
        } catch (IOException e) {
            return failed(e);
        }
        try {
            for (Listener listener : base.listeners()) {
                requireFree(listener, file == null);
            }
        } catch (IOException e) {
            return failed(e);
        }
        try (Playground playground =
                Playground.start(options.redisPort, Objects.requireNonNullElse(System.getenv("PATH"), ""))) {
            HipacheConfig config = new HipacheConfig(
                    base.server(),
                    base.listeners(),
                    base.certificates(),
                    List.of(store(playground)),
                    base.user(),
                    base.group(),
                    base.files());
            Surroundings surroundings = surroundings(config);
            playground.show(surroundings);
            introduceWhenReady(playground, surroundings, config);
            boolean hadTerminal = hasTerminal();
            return Supervisor.run(
                    config,
                    () -> {
                        if (hadTerminal && !hasTerminal()) {
                            end();
                        }
                        return new LoadedConfig(config, List.of());
                    },
                    Succession.NONE);
        } catch (IOException e) {
            return failed(e);
        }
    }

    private int failed(IOException e) {
        commandLine.getErr().println("hipache: " + e.getMessage());
        commandLine.getErr().flush();
        return HipacheCommand.NOT_STARTED;
    }

    /** The user hears it before anything is started. */
    private static void requireFree(Listener listener, boolean ownConfig) throws IOException {
        try {
            MachineChecks.requireFree(listener);
        } catch (IOException e) {
            throw new IOException(
                    e.getMessage()
                            + (ownConfig
                                    ? ". End the program that has the port, or choose another one: --dev-port "
                                            + another(listener.port())
                                    : ". End the program that has the port, or choose another one in the file"),
                    e);
        }
    }

    /** A port that this user can take. */
    private static int another(int port) throws IOException {
        int next = Math.max(1080, port) + 1;
        try (ServerSocket probe = new ServerSocket(next, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException | IllegalArgumentException e) {
            return freePort();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static Surroundings surroundings(HipacheConfig config) {
        HipacheConfig.Admin admin = config.server().admin();
        String dashboard = admin == null || admin.socket() != null
                ? null
                : new Listener(admin.address(), admin.port(), null).url() + "/";
        return new Surroundings(config.listeners().get(0).url() + "/", dashboard, () -> {
            if (admin == null) {
                throw new IOException("the configuration has no server.admin, so nobody tells how the workers are");
            }
            return new AdminClient(admin).ask("/status.json", PATIENCE).body();
        });
    }

    /** What listens is said when it listens. What is in the way of it, the log has said. */
    private void introduceWhenReady(Playground playground, Surroundings surroundings, HipacheConfig config) {
        Thread waiting = new Thread(
                () -> {
                    try {
                        while (!Readiness.of(config, false, PATIENCE).ready()) {
                            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                        }
                        commandLine.getOut().println(playground.introduction(surroundings));
                        commandLine.getOut().flush();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "introduction");
        waiting.setDaemon(true);
        waiting.start();
    }

    /** A terminal that closes sends SIGHUP, which means a reload elsewhere. Nobody would be left to press Ctrl-C here. */
    private static boolean hasTerminal() {
        try (FileInputStream terminal = new FileInputStream("/dev/tty")) {
            return terminal.getFD().valid();
        } catch (IOException e) {
            return false;
        }
    }

    private static void end() {
        log.info("the terminal is gone, so all of --dev ends");
        try {
            new ProcessBuilder("sh", "-c", "kill -TERM $PPID").start();
        } catch (IOException e) {
            log.error(
                    "cannot end --dev: {}; end it with kill {}",
                    e.getMessage(),
                    ProcessHandle.current().pid());
        }
    }

    private static DriverUrl store(Playground playground) {
        return new DriverUrl("127.0.0.1", playground.redisPort(), null, 0, "");
    }

    /** The workers keep the account of this process. Another account may not be able to read the program. */
    private static String ownConfig(int port) throws IOException {
        return """
                {
                  "server": {
                    "accessLog": "-", "address": "127.0.0.1", "port": %d, "workers": 2, "admin": {"port": %d}
                  },
                  "user": "%s"
                }
                """
                .formatted(port, freePort(), System.getProperty("user.name", "root"));
    }
}
