package io.hipache.supervisor.admin;

import io.hipache.messages.FileFault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a unix socket. The socket is bound under another name, gets its rights, and then takes its place in one step: so
 * clients find the old socket or the new one, and never one with other rights.
 */
final class SocketFile {
    private static final Logger log = LoggerFactory.getLogger(SocketFile.class);
    private static final int TYPE_OF_FILE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int OCTAL = 8;

    private final Path path;
    private final Path fresh;
    /** The file that was published, to remove no other one. */
    private @Nullable Object key;

    private SocketFile(Path path) {
        this.path = path;
        this.fresh = path.resolveSibling(path.getFileName() + ".new");
    }

    static SocketFile at(Path path) {
        return new SocketFile(path);
    }

    /** Where to bind the socket, where nothing is left of an earlier program. */
    Path fresh() throws IOException {
        Files.deleteIfExists(fresh);
        return fresh;
    }

    /**
     * Refuses a folder in which there can be no socket, to replace what is no socket, and a socket behind which somebody
     * listens. Changes nothing.
     *
     * @param shared whether somebody may listen
     */
    void check(boolean shared) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IOException("there is no folder " + folder);
        }
        if (folder != null && !Files.isWritable(folder)) {
            throw new IOException("this user cannot write to the folder " + folder);
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_OF_FILE) != SOCKET) {
            throw new IOException("there is a file that is no socket");
        }
        if (!shared && isInUse()) {
            throw new IOException("it is in use");
        }
    }

    private boolean isInUse() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            // nobody listens any more
            return false;
        }
    }

    /** Gives the bound socket its rights, and its name. */
    void publish(String mode, String owner) throws IOException {
        try {
            Files.setAttribute(fresh, "unix:mode", Integer.parseInt(mode, OCTAL));
            if (!owner.isEmpty()) {
                changeOwner(owner);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            key = keyOf(path);
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException("this machine has no account " + e.getName(), e);
        } catch (FileSystemException e) {
            throw new IOException(FileFault.words(e), e);
        } finally {
            if (key == null) {
                Files.deleteIfExists(fresh);
            }
        }
    }

    private void changeOwner(String owner) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        UserPrincipalLookupService accounts = fresh.getFileSystem().getUserPrincipalLookupService();
        int colon = owner.indexOf(':');
        if (colon >= 0) {
            GroupPrincipal group = accounts.lookupPrincipalByGroupName(owner.substring(colon + 1));
            view.setGroup(group);
        }
        view.setOwner(accounts.lookupPrincipalByName(colon < 0 ? owner : owner.substring(0, colon)));
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Removes the file, unless another socket has taken its place. */
    void remove() {
        try {
            if (key != null && key.equals(keyOf(path))) {
                Files.delete(path);
            }
        } catch (IOException e) {
            log.debug("cannot remove {}: {}", path, e.toString());
        }
    }
}
