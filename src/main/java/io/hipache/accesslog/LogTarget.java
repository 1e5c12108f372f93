package io.hipache.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where access-log lines end: a file open for appending, or the standard output. */
record LogTarget(String path, FileChannel channel) {

    static LogTarget open(String path) throws IOException {
        if (path.equals("-") || path.equals("stdout")) {
            return new LogTarget(path, standardOutput());
        }
        try {
            Path file = Path.of(path);
            createFolderOf(file);
            return new LogTarget(path, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException | InvalidPathException e) {
            throw new IOException("cannot open the access log " + path + ": " + reason(e, path), e);
        }
    }

    /** Writes all of it; on failure the position of {@code lines} tells how far it came. */
    void write(ByteBuffer lines) throws IOException {
        while (lines.hasRemaining()) {
            channel.write(lines);
        }
    }

    void close() throws IOException {
        if (!isStandardOutput()) {
            channel.close();
        }
    }

    private boolean isStandardOutput() {
        return path.equals("-") || path.equals("stdout");
    }

    @SuppressWarnings("resource") // closing it would close the standard output
    private static FileChannel standardOutput() {
        return new FileOutputStream(FileDescriptor.out).getChannel();
    }

    private static void createFolderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
    }

    private static String reason(Exception e, String path) {
        if (!(e instanceof FileSystemException failed)) {
            return String.valueOf(e.getMessage());
        }
        @Nullable String file = failed.getFile();
        String where = file == null || file.equals(path) ? "" : " (" + file + ")";
        if (failed instanceof AccessDeniedException) {
            return "permission denied" + where;
        }
        if (failed instanceof FileAlreadyExistsException) {
            return "not a folder" + where;
        }
        @Nullable String reason = failed.getReason();
        return reason == null ? failed.toString() : reason.toLowerCase(Locale.ROOT) + where;
    }
}
