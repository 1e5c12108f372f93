package io.hipache.process;

import io.hipache.admission.Admission;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.config.LoadedConfig;
import io.hipache.messages.LogSetup;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.process.WorkerCommandLine;
import io.hipache.supervisor.upgrade.Succession;
import io.hipache.worker.ClientPipelines;
import io.hipache.worker.WorkerMain;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** The real supervisor and worker with nothing behind: each request is answered with the worker's process id. */
final class TestProgram {
    private TestProgram() {}

    /** Takes {@code supervisor}, a configuration, a kind of worker, and {@code --upgrade} with an id; or that kind of worker. */
    public static void main(String[] args) throws Exception {
        // as the program does, and not as its other tests do
        if (args[0].equals("supervisor")) {
            LogSetup.ofSupervisor();
        } else {
            LogSetup.ofWorker();
        }
        switch (args[0]) {
            case "supervisor" ->
                System.exit(Supervisor.run(
                        config(args[1]),
                        () -> new LoadedConfig(config(args[1]), List.of()),
                        new Succession(
                                RunningProgram.command(Path.of(args[1]), args[2]),
                                args.length > 4 ? Long.parseLong(args[4]) : Succession.NOBODY),
                        new WorkerCommandLine(List.of(TestProgram.class.getName(), args[2]))));
            case "worker" -> System.exit(WorkerMain.run(TestProgram::pipelines));
            case "held-worker" ->
                System.exit(WorkerMain.run((config, loop, accessLog, admission) -> {
                    awaitNoHold(config.server().staticDir());
                    return pipelines(config, loop, accessLog, admission);
                }));
            case "refusing-worker" ->
                System.exit(WorkerMain.run((config, loop, accessLog, admission) -> {
                    throw new IllegalArgumentException("cannot read the certificate");
                }));
            case "printing-worker" -> {
                System.out.println("Hello, this is no message");
                System.exit(WorkerMain.run((config, loop, accessLog, admission) -> {
                    throw new IllegalArgumentException("not reached");
                }));
            }
            case "greedy-worker" ->
                System.exit(WorkerMain.run((config, loop, accessLog, admission) -> {
                    byte[][] all = new byte[1 << 20][];
                    for (int i = 0; ; i++) {
                        all[i] = new byte[1 << 20];
                    }
                }));
            case "forging-worker" -> {
                System.err.println("22 Nov 08:33:11 - listening on http://forged");
                System.exit(WorkerMain.run((config, loop, accessLog, admission) -> {
                    throw new IllegalArgumentException("no\n22 Nov 08:33:11 - reload complete, 9 workers");
                }));
            }
            default -> System.exit(3);
        }
    }

    private static ClientPipelines.Served pipelines(
            HipacheConfig config, EventLoopGroup loop, Consumer<ExchangeEnd> accessLog, Admission admission) {
        return listener -> new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new PidHandler(accessLog));
            }
        };
    }

    /** Workers do not start while there is a file {@code hold}. */
    private static void awaitNoHold(Path folder) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !Files.exists(folder.resolve("hold")));
    }

    private static HipacheConfig config(String file) throws ConfigException {
        try {
            return ConfigJson.decode(Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
