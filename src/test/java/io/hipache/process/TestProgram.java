package io.hipache.process;

import io.hipache.config.ConfigJson;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.WorkerCommandLine;
import io.hipache.worker.WorkerMain;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The real supervisor and worker with nothing behind: each request is answered with the worker's process id. */
final class TestProgram {
    private TestProgram() {}

    /** Takes {@code supervisor}, a configuration and a kind of worker; or that kind of worker. */
    public static void main(String[] args) throws Exception {
        // as the program does, and not as its other tests do
        System.setProperty(
                "logback.configurationFile", args[0].equals("supervisor") ? "logback.xml" : "logback-worker.xml");
        switch (args[0]) {
            case "supervisor" ->
                System.exit(Supervisor.run(
                        ConfigJson.decode(Files.readString(Path.of(args[1]))),
                        new WorkerCommandLine(List.of(TestProgram.class.getName(), args[2]))));
            case "worker" ->
                System.exit(WorkerMain.run((config, loop, accessLog) -> listener -> {
                    return new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new PidHandler(accessLog));
                        }
                    };
                }));
            case "refusing-worker" ->
                System.exit(WorkerMain.run((config, loop, accessLog) -> {
                    throw new IllegalArgumentException("cannot read the certificate");
                }));
            case "printing-worker" -> {
                System.out.println("Hello, this is no message");
                System.exit(WorkerMain.run((config, loop, accessLog) -> {
                    throw new IllegalArgumentException("not reached");
                }));
            }
            default -> System.exit(3);
        }
    }
}
