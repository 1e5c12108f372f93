package io.hipache.supervisor.process;

import io.hipache.accesslog.LogFile;
import io.hipache.accesslog.LogMove;
import io.hipache.supervisor.common.StartException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination of the log messages of supervisor and workers. The workers' messages pass through the supervisor, so that
 * one process writes and rotates the log, and so that every line is known to come from its worker, see {@link WorkerWords}.
 * Its methods may be called on any thread.
 */
public final class MessageLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MessageLog.class);

    private static final String STANDARD_ERROR = "stderr";

    private static final String NAME = "log";

    /** Null for standard error. */
    private volatile @Nullable LogFile file;

    private final boolean toJournal = JournalLines.areWanted(System.getenv());

    private MessageLog() {}

    /** Gives each line on standard error its priority where that is the journal of systemd. Call this before the first line. */
    public static void begin() {
        MessageLog messages = new MessageLog();
        if (messages.toJournal) {
            messages.use(null);
        }
    }

    /** Where to look for what a process says before it has opened its log, in words. */
    public static String firstMessages() {
        return JournalLines.areWanted(System.getenv()) ? "in the journal (journalctl -u hipache)" : "on standard error";
    }

    /**
     * Redirects the standard error of this process to the target.
     *
     * @param target {@code stderr}, {@code stdout} or a path
     * @throws StartException when the file cannot be opened
     */
    public static MessageLog open(String target) throws StartException {
        MessageLog messages = new MessageLog();
        if (target.equals(STANDARD_ERROR)) {
            return messages;
        }
        try {
            messages.use(LogFile.open(NAME, target));
            return messages;
        } catch (IOException e) {
            throw new StartException(List.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Opens another target, which the log moves to when the caller says so.
     *
     * @param target as in {@link #open}
     * @throws IOException with a message for the administrator; nothing is open then
     */
    public LogMove prepareMove(String target) throws IOException {
        LogFile present = file;
        boolean toStandardError = target.equals(STANDARD_ERROR);
        if (present == null && toStandardError) {
            return LogMove.NONE;
        }
        if (present != null && !toStandardError) {
            return present.prepareMove(target);
        }
        LogFile next = toStandardError ? null : LogFile.open(NAME, target);
        return new LogMove() {
            @Override
            public void make() {
                log.info("the {} is now {}", NAME, target);
                use(next);
                closeAside(present);
            }

            @Override
            public void drop() {
                closeAside(next);
            }
        };
    }

    private void use(@Nullable LogFile next) {
        file = next;
        OutputStream lines = next == null ? standardError() : new LineOutputStream(next::append);
        System.setErr(new PrintStream(lines, true, StandardCharsets.UTF_8));
    }

    private OutputStream standardError() {
        OutputStream plain = new FileOutputStream(FileDescriptor.err);
        if (!toJournal) {
            return plain;
        }
        PrintStream journal = new PrintStream(plain, true, StandardCharsets.UTF_8);
        return new LineOutputStream(new JournalLines(
                lines -> journal.write(lines.array(), lines.arrayOffset() + lines.position(), lines.remaining())));
    }

    /** On a thread of its own, because the last lines may have to wait for a slow disk. */
    private static void closeAside(@Nullable LogFile unused) {
        if (unused != null) {
            Thread closer = new Thread(unused::close, "close-log");
            closer.setDaemon(true);
            closer.start();
        }
    }

    /**
     * Copies the standard error of a worker to the log.
     *
     * @return completes when the worker has closed its standard error and its last line is written
     */
    CompletableFuture<@Nullable Void> take(Process worker) {
        CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        copy(worker);
                    } finally {
                        ended.complete(null);
                    }
                },
                "messages-" + worker.pid());
        reader.setDaemon(true);
        reader.start();
        return ended;
    }

    private void copy(Process worker) {
        WorkerWords words = new WorkerWords(worker.pid(), this::append);
        try (InputStream messages = worker.getErrorStream();
                OutputStream lines = new LineOutputStream(words)) {
            messages.transferTo(lines);
        } catch (IOException e) {
            log.debug("cannot read the log messages of a worker: {}", e.getMessage());
        }
        words.end();
    }

    /** In one call, so that lines of several workers never mix. */
    private void append(ByteBuffer lines) {
        LogFile present = file;
        if (present != null) {
            present.append(lines);
        } else {
            System.err.write(lines.array(), lines.arrayOffset() + lines.position(), lines.remaining());
        }
    }

    /** Opens the file again after it has been renamed (log rotation). */
    public void reopen() {
        LogFile present = file;
        if (present != null) {
            present.reopen();
        }
    }

    /** Writes the remaining lines. Later output of this process goes to the original standard error. */
    @Override
    public void close() {
        LogFile present = file;
        if (present != null) {
            use(null);
            present.close();
        }
    }
}
