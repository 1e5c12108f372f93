package io.hipache.accesslog;

import io.hipache.messages.FileFault;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file open for appending, a named pipe, or the standard output. */
record FileTarget(String path, FileChannel channel) implements LogTarget {
    private static final Object STANDARD_OUTPUT = new Object();

    /** The lines tell which client asked for what, so other users may not read them. */
    private static final FileAttribute<?> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private static final int TYPE_OF_FILE = 0170000;
    private static final int NAMED_PIPE = 0010000;

    static FileTarget open(String name, String path) throws IOException {
        if (path.equals("-") || path.equals("stdout")) {
            return new FileTarget(path, standardOutput());
        }
        try {
            Path file = Path.of(path);
            createFolderOf(file);
            return new FileTarget(path, isNamedPipe(file) ? openNamedPipe(file) : openFile(file));
        } catch (IOException | InvalidPathException e) {
            throw new IOException("cannot open the " + name + " " + path + ": " + reason(e, path), e);
        }
    }

    /** Why a file could not be opened, null where it could. The folders of a log that are missing are made when it is opened. */
    static @Nullable String obstacle(Path file) {
        if (Files.isDirectory(file)) {
            return "it is a folder";
        }
        if (Files.exists(file)) {
            return Files.isWritable(file) ? null : "this user may not write to it";
        }
        Path folder = file.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder)) {
            return folder + " is no folder";
        }
        return Files.isWritable(folder) && !isOfKernel(folder)
                ? null
                : "this user can make nothing in the folder " + folder;
    }

    /** The kernel's own file systems tell root that it may write there. */
    private static boolean isOfKernel(Path folder) {
        return folder.startsWith("/proc") || folder.startsWith("/sys");
    }

    @Override
    public void write(ByteBuffer lines) throws IOException {
        if (isStandardOutput()) {
            // the access log and the message log may both be the standard output
            synchronized (STANDARD_OUTPUT) {
                writeAll(lines);
            }
        } else {
            writeAll(lines);
        }
    }

    private void writeAll(ByteBuffer lines) throws IOException {
        while (lines.hasRemaining()) {
            channel.write(lines);
        }
    }

    @Override
    public long size() throws IOException {
        return isStandardOutput() ? 0 : channel.size();
    }

    @Override
    public boolean takeBack(int bytes, long size) {
        try {
            if (size < bytes || size() != size) {
                return false;
            }
            channel.truncate(size - bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
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

    private static FileChannel openFile(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), MODE);
    }

    /** Opens the pipe for reading as well: so opening does not wait for a reader, and writing does not fail without one. */
    private static FileChannel openNamedPipe(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static boolean isNamedPipe(Path file) throws IOException {
        return Files.exists(file) && ((int) Files.getAttribute(file, "unix:mode") & TYPE_OF_FILE) == NAMED_PIPE;
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
        // only its folder is created
        return (failed instanceof FileAlreadyExistsException ? "not a folder" : FileFault.words(failed)) + where;
    }
}
