package io.hipache.supervisor.process;

import io.hipache.accesslog.LogFile;
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

    /** Null for standard error. */
    private final @Nullable LogFile file;

    private MessageLog(@Nullable LogFile file) {
        this.file = file;
    }

    /**
     * Redirects the standard error of this process to the target.
     *
     * @param target {@code stderr}, {@code stdout} or a path
     * @throws StartException when the file cannot be opened
     */
    public static MessageLog open(String target) throws StartException {
        if (target.equals(STANDARD_ERROR)) {
            return new MessageLog(null);
        }
        try {
            LogFile file = LogFile.open("log", target);
            System.setErr(new PrintStream(new LineOutputStream(file::append), true, StandardCharsets.UTF_8));
            return new MessageLog(file);
        } catch (IOException e) {
            throw new StartException(List.of(String.valueOf(e.getMessage())));
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
        WorkerWords words = new WorkerWords(worker.pid(), file == null ? MessageLog::toStandardError : file::append);
        try (InputStream messages = worker.getErrorStream();
                OutputStream lines = new LineOutputStream(words)) {
            messages.transferTo(lines);
        } catch (IOException e) {
            log.debug("cannot read the log messages of a worker: {}", e.getMessage());
        }
        words.end();
    }

    /** In one call, so that lines of several workers never mix. */
    private static void toStandardError(ByteBuffer lines) {
        System.err.write(lines.array(), lines.arrayOffset() + lines.position(), lines.remaining());
    }

    /** Opens the file again after it has been renamed (log rotation). */
    public void reopen() {
        if (file != null) {
            file.reopen();
        }
    }

    /** Writes the remaining lines. Later output of this process goes to the original standard error. */
    @Override
    public void close() {
        if (file != null) {
            System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
            file.close();
        }
    }
}
