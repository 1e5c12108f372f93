package io.hipache;

import io.hipache.cli.HipacheCommand;
import io.hipache.cli.WorkerCommand;
import io.hipache.messages.LogSetup;
import java.io.IOException;
import java.util.Locale;

/** The one entry point of supervisor and workers. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        // Messages are in English, and numbers in ASCII, wherever we run. With another locale than this one, Java reads
        // the data of languages before it formats the first number.
        Locale.setDefault(Locale.US);
        // Netty would look for a network card to make the ids of connections unique among machines. Nobody needs that
        // here. The search takes time, and a machine with loopback alone gets a warning
        System.getProperties().putIfAbsent("io.netty.machineId", "00:00:00:00:00:01");
        // the messages are set up before the first logger is made
        if (args.length == 1 && args[0].equals(WorkerCommand.NAME)) {
            LogSetup.ofWorker();
            System.exit(WorkerCommand.run());
        }
        LogSetup.ofSupervisor();
        System.exit(HipacheCommand.run(args));
    }
}
