package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Repeats a task when a file has changed, and now and then. Editors replace a file, so its identity counts as well as its
 * times. A task that fails is told once, and tried again. Ends when its thread is interrupted.
 */
final class Watch {

    private static final long LOOK_MILLIS = 500;

    private final Path file;
    private final long intervalNanos;
    private final Task task;
    private final Output output;
    private String told = "";

    /** What is repeated. */
    interface Task {
        int run() throws StoreException, InvalidInputException;
    }

    Watch(Path file, int intervalSeconds, Task task, Output output) {
        this.file = file;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(intervalSeconds);
        this.task = task;
        this.output = output;
    }

    int run() {
        while (!Thread.currentThread().isInterrupted()) {
            String state = state();
            attempt();
            long next = System.nanoTime() + intervalNanos;
            while (state.equals(state()) && System.nanoTime() - next < 0) {
                try {
                    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    return Exit.FINE;
                }
            }
        }
        return Exit.FINE;
    }

    private void attempt() {
        String trouble = "";
        try {
            task.run();
        } catch (StoreException e) {
            trouble = String.valueOf(e.getMessage());
        } catch (InvalidInputException e) {
            trouble = e.forCommandLine();
        }
        if (!trouble.equals(told)) {
            output.problem(trouble.isEmpty() ? "goes on, Redis has what the file says" : trouble);
            told = trouble;
        }
    }

    private String state() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size() + " " + attributes.lastModifiedTime() + " "
                    + Objects.toString(attributes.fileKey());
        } catch (IOException e) {
            return "missing";
        }
    }
}
