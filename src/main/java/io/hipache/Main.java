package io.hipache;

import io.hipache.cli.HipacheCommand;
import io.hipache.cli.WorkerCommand;
import java.io.IOException;
import java.util.Locale;

/** The one entry point of supervisor and workers. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        // months are named in English, and numbers written in ASCII, wherever we run
        Locale.setDefault(Locale.ENGLISH);
        if (args.length == 1 && args[0].equals(WorkerCommand.NAME)) {
            // before the first logger is made
            System.setProperty("logback.configurationFile", "logback-worker.xml");
            System.setProperty(
                    "hipache.pid", String.valueOf(ProcessHandle.current().pid()));
            System.exit(WorkerCommand.run());
        }
        System.exit(HipacheCommand.run(args));
    }
}
