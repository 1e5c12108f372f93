package io.hipache.cli;

import io.hipache.config.Installation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Runs commands in this JVM, with the {@code config.json} of a folder of their own. */
abstract class CommandLineTest {
    /** What the last command has printed. */
    protected StringWriter out = new StringWriter();

    /** What the last command has said on standard error. */
    protected StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    protected Path home;

    /** Returns the exit code. */
    protected int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        return HipacheCommand.commandLine(new Installation(home), null, args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
