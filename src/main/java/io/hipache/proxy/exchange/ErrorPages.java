package io.hipache.proxy.exchange;

import io.hipache.http.Fields;
import io.hipache.http.RequestHead;
import io.hipache.messages.FileFault;
import io.hipache.outcome.EndReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages of answers that do not come from a backend: {@code error_<status>.html} of a folder, else its
 * {@code error_default.html}, else the message as text. Served from memory. A page that cannot be used is left out. Immutable.
 */
public final class ErrorPages {
    /** Room for a page with its pictures inlined, not for a mistake. */
    private static final int LARGEST_PAGE_BYTES = 1 << 20;

    /** A file that changed in this time may not be complete yet. */
    private static final Duration STILL_BEING_WRITTEN = Duration.ofMillis(500);

    /** Seconds after which a client that got a 503 may ask again. What was too much is mostly over by then. */
    private static final String RETRY_AFTER = "1";

    private static final Logger log = LoggerFactory.getLogger(ErrorPages.class);
    private static final Pattern PAGE_NAME = Pattern.compile("error_([1-5][0-9]{2}|default)\\.html");
    /** Names of fields that hold a login. */
    private static final Pattern SECRET =
            Pattern.compile("auth|cookie|token|secret|session|key|password|jwt|assertion", Pattern.CASE_INSENSITIVE);

    private static final String DEFAULT = "default";

    /** What {@code Allow} says (RFC 9110 §10.2.1). Every other method but CONNECT is passed on too. */
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

    /** What an OPTIONS gets that may not be passed on. */
    static final Page OPTIONS = new Page("text/plain", new byte[0], true, false);

    /** What {@code Host: __ping__} gets, and {@code Host: __ready__} when all is well. */
    public static final Page PONG = new Page("text/plain", "ok".getBytes(StandardCharsets.US_ASCII));

    /** One page; its bytes belong to all requests and must not be changed. */
    public static final class Page {
        private final String contentType;
        private final byte[] bytes;
        private final boolean namesMethods;
        private final boolean retryAfter;

        private Page(String contentType, byte[] bytes) {
            this(contentType, bytes, false, false);
        }

        private Page(String contentType, byte[] bytes, boolean namesMethods, boolean retryAfter) {
            this.contentType = contentType;
            this.bytes = bytes;
            this.namesMethods = namesMethods;
            this.retryAfter = retryAfter;
        }

        public String contentType() {
            return contentType;
        }

        /** Shared by all requests, not a copy. */
        public byte[] bytes() {
            return bytes;
        }

        /** Hands out the fields of the page, names in lower case. They forbid every cache: an error page is true for a moment only. */
        public void forEachField(BiConsumer<String, String> out) {
            out.accept("content-type", contentType);
            out.accept("cache-control", "no-cache");
            out.accept("pragma", "no-cache");
            out.accept("expires", "-1");
            out.accept("content-length", Integer.toString(bytes.length));
            if (namesMethods) {
                out.accept("allow", METHODS);
            }
            if (retryAfter) {
                out.accept("retry-after", RETRY_AFTER);
            }
        }
    }

    private final Path folder;
    /** The files as they were right before they were read. */
    private final Map<Path, FileState> files;

    private final Map<Integer, Page> pages;
    private final @Nullable Page fallback;

    /** By which a change of a file is seen. */
    private record FileState(FileTime changed, long size) {
        private static final FileState NONE = new FileState(FileTime.fromMillis(0), -1);

        /** One that cannot be looked at, such as a link to nowhere, is a state as well. */
        static FileState of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new FileState(attributes.lastModifiedTime(), attributes.size());
            } catch (IOException e) {
                return NONE;
            }
        }

        /** Written out, see "Records" in CONTRIBUTING.md. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof FileState that && changed.equals(that.changed) && size == that.size;
        }

        @Override
        public int hashCode() {
            return 31 * changed.hashCode() + Long.hashCode(size);
        }
    }

    private ErrorPages(Path folder, Map<Path, FileState> files, Map<Integer, Page> pages, @Nullable Page fallback) {
        this.folder = folder;
        this.files = files;
        this.pages = pages;
        this.fallback = fallback;
    }

    /** Reads the pages of a folder. Any page may be missing, and so may the folder. Problems are logged. */
    public static ErrorPages load(Path folder) {
        return load(folder, log::warn);
    }

    /**
     * Reads the pages of a folder. Any page may be missing.
     *
     * @param problems is told, in one line each, what cannot be used; the pages are without it
     */
    public static ErrorPages load(Path folder, Consumer<String> problems) {
        Map<Path, FileState> found = Map.of();
        try {
            found = files(folder);
        } catch (NoSuchFileException e) {
            problems.accept("no error pages: the folder " + folder + " does not exist");
        } catch (IOException e) {
            problems.accept("cannot list the error pages in " + folder + ": " + FileFault.words(e));
        }
        Map<Integer, Page> pages = new HashMap<>();
        Page fallback = null;
        for (Path file : found.keySet()) {
            Matcher name = PAGE_NAME.matcher(file.getFileName().toString());
            Page page = name.matches() ? read(file, problems) : null;
            if (page == null) {
                continue;
            }
            if (name.group(1).equals(DEFAULT)) {
                fallback = page;
            } else {
                pages.put(Integer.valueOf(name.group(1)), page);
            }
        }
        return new ErrorPages(folder, found, Map.copyOf(pages), fallback);
    }

    /** The folder from which they were read. */
    public Path folder() {
        return folder;
    }

    /**
     * Whether the files are others than those that were read. Not while one of them is being written: then the next call says
     * it. Looks at the files, so not for an event loop.
     */
    public boolean hasChanged() {
        Map<Path, FileState> now = Map.of();
        try {
            now = files(folder);
        } catch (IOException e) {
            // whoever reads the pages says it
            log.debug("cannot look at the error pages in {}: {}", folder, e.toString());
        }
        if (now.equals(files)) {
            return false;
        }
        Instant justNow = Instant.now().minus(STILL_BEING_WRITTEN);
        return now.values().stream()
                .noneMatch(file -> file.changed().toInstant().isAfter(justNow)
                        && file.changed().toInstant().isBefore(Instant.now()));
    }

    private static Map<Path, FileState> files(Path folder) throws IOException {
        Map<Path, FileState> found = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "error_*.html")) {
            for (Path file : files) {
                found.put(file, FileState.of(file));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /** The page for a status. Where the folder has none, the page shows {@code message}. */
    public Page page(int status, String message) {
        Page page = pages.getOrDefault(status, fallback);
        if (page == null) {
            page = new Page("text/plain", message.getBytes(StandardCharsets.UTF_8));
        }
        return switch (status) {
            // RFC 9110 §15.5.6: a 405 must say what is allowed
            case 405 -> new Page(page.contentType, page.bytes, true, false);
            case 503 -> new Page(page.contentType, page.bytes, false, true);
            default -> page;
        };
    }

    /** What {@code Host: __ready__} gets when no request can be routed: a 503 with the word for the cause. */
    static Page notReady(EndReason cause) {
        return new Page("text/plain", cause.word().getBytes(StandardCharsets.US_ASCII), false, true);
    }

    /** What a TRACE gets that may not be passed on: the request without what others must not see (RFC 9110 §9.3.8). */
    static Page trace(RequestHead request) {
        StringBuilder seen = new StringBuilder(request.line()).append("\r\n");
        Fields fields = request.fields();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (!SECRET.matcher(name).find()) {
                seen.append(name).append(": ").append(fields.value(i)).append("\r\n");
            }
        }
        return new Page("message/http", seen.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static @Nullable Page read(Path file, Consumer<String> problems) {
        if (!Files.isRegularFile(file)) {
            problems.accept("error page " + file + " cannot be used: it is not a file");
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_PAGE_BYTES + 1);
            if (bytes.length > LARGEST_PAGE_BYTES) {
                problems.accept(
                        "error page " + file + " cannot be used: it is larger than " + LARGEST_PAGE_BYTES + " bytes");
                return null;
            }
            return new Page("text/html", bytes);
        } catch (IOException e) {
            problems.accept("error page " + file + " cannot be used: " + FileFault.words(e));
            return null;
        }
    }
}
