package io.hipache.supervisor.snapshot;

import io.hipache.config.HipacheConfig;
import io.hipache.config.address.DriverUrlText;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.FileFault;
import io.hipache.messages.Quantity;
import io.hipache.snapshot.Entry;
import io.hipache.snapshot.KnownEntries;
import io.hipache.snapshot.SnapshotFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the workers were told by the store. It goes to each worker that starts, so that one that starts while the store is away
 * knows the hosts too, and into the file {@code server.snapshot}, so that another supervisor has it after this one. Nothing else
 * depends on it: whatever is wrong with the file is a line in the log. Its methods may be called on any thread.
 */
public final class Snapshot implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Snapshot.class);

    /** What was learned is in the file this much later, and a bit. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** Where nothing but times has changed. */
    static final Duration LONG_PAUSE = Duration.ofSeconds(60);

    /** How long the end of the program waits for the last writing. */
    private static final Duration LAST_WRITE = Duration.ofSeconds(2);

    /** The part of this process's memory that all entries may have at most. */
    private static final int HEAP_SHARE = 4;

    /**
     * What a configuration says about it.
     *
     * @param file null for none: then nothing is kept
     */
    private record Settings(@Nullable Path file, String store, long most) {

        static Settings of(HipacheConfig config) {
            HipacheConfig.Server server = config.server();
            return new Settings(
                    server.snapshot(),
                    DriverUrlText.store(config.drivers().get(0)),
                    Math.min(server.cacheBytes(), Runtime.getRuntime().maxMemory() / HEAP_SHARE));
        }
    }

    private final long pauseNanos;
    private final long lookMillis;
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "snapshot");
        thread.setDaemon(true);
        return thread;
    });

    // guarded by this

    private Settings settings;
    private KnownEntries entries;
    private boolean contentChanged;
    private boolean timeChanged;
    private boolean writing;
    private boolean scheduled;
    private Consumer<WorkerMessage> toWorkers = message -> {};

    // confined to the thread of the writer

    private long writtenNanos;
    private @Nullable String failure;

    private Snapshot(Settings settings, KnownEntries entries, Duration pause) {
        this.settings = settings;
        this.entries = entries;
        this.pauseNanos = pause.toNanos();
        this.writtenNanos = System.nanoTime() - pauseNanos;
        this.lookMillis = Math.max(1, pause.toMillis() / 10);
    }

    /** Reads the file, if there is one that can be used. Writes nothing before {@link #startWriting}. */
    public static Snapshot open(HipacheConfig config) {
        return open(config, PAUSE);
    }

    static Snapshot open(HipacheConfig config, Duration pause) {
        Settings settings = Settings.of(config);
        return new Snapshot(settings, read(settings), pause);
    }

    private static KnownEntries read(Settings settings) {
        Path file = settings.file();
        if (file != null) {
            try {
                KnownEntries read =
                        SnapshotFile.read(file, settings.store(), settings.most(), System.currentTimeMillis());
                log.info("{} known from the snapshot {}", Quantity.of(read.size(), "name is", "names are"), file);
                return read;
            } catch (NoSuchFileException e) {
                log.info("there is no snapshot {} yet", file);
            } catch (IOException e) {
                log.warn("WARNING! the snapshot {} is not used, starting without it: {}", file, FileFault.words(e));
            }
        }
        return new KnownEntries(settings.most());
    }

    /** Writes the file from now on whenever there is something new, and a last time at the end. */
    public synchronized void startWriting() {
        writing = true;
        warnOfObstacle();
        lookLater();
    }

    /** Nothing may be learned for a long time, so nobody would hear of it from a writing that fails. */
    private synchronized void warnOfObstacle() {
        Path file = settings.file();
        String obstacle = file == null ? null : SnapshotFile.obstacle(file);
        if (obstacle != null) {
            log.warn("WARNING! server.snapshot: {} cannot be written: {}", file, obstacle);
        }
    }

    /** Another supervisor writes the file from now on. */
    public synchronized void stopWriting() {
        writing = false;
    }

    /** Writes what is new now, without waiting for that. */
    public void writeSoon() {
        try {
            writer.execute(this::writeNow);
        } catch (RejectedExecutionException e) {
            assert writer.isShutdown();
        }
    }

    /**
     * Says who passes on to the workers what one of them has learned, so that each of them knows it when the store is away.
     *
     * @param all called on any thread
     */
    public synchronized void tellWorkers(Consumer<WorkerMessage> all) {
        toWorkers = all;
    }

    /** Takes what a worker has learned. */
    public void received(WorkerMessage.Known known) {
        List<Entry> news = add(known);
        if (!news.isEmpty()) {
            toWorkers().accept(new WorkerMessage.Known(known.store(), news));
        }
    }

    private synchronized Consumer<WorkerMessage> toWorkers() {
        return toWorkers;
    }

    /** What of it is new here. */
    private synchronized List<Entry> add(WorkerMessage.Known known) {
        List<Entry> news = new ArrayList<>();
        if (settings.file() == null || !settings.store().equals(known.store())) {
            // the worker follows another configuration, the one before or the next
            return news;
        }
        long now = System.currentTimeMillis();
        for (Entry entry : known.entries()) {
            KnownEntries.Change change = entries.add(entry, now);
            contentChanged |= change == KnownEntries.Change.CONTENT;
            timeChanged |= change == KnownEntries.Change.TIME;
            if (change != KnownEntries.Change.NOTHING && !entry.kind().forgets()) {
                news.add(entry);
            }
        }
        lookLater();
        return news;
    }

    /** Follows another configuration. What is known of another store is forgotten. */
    public synchronized void follow(HipacheConfig config) {
        Settings next = Settings.of(config);
        if (next.equals(settings)) {
            return;
        }
        KnownEntries kept = new KnownEntries(next.most());
        if (next.file() != null && next.store().equals(settings.store())) {
            long now = System.currentTimeMillis();
            entries.all().forEach(entry -> kept.add(entry, now));
            contentChanged = kept.size() > 0;
        }
        boolean moved = !Objects.equals(next.file(), settings.file());
        settings = next;
        entries = kept;
        if (moved && writing) {
            warnOfObstacle();
        }
        lookLater();
    }

    /**
     * The messages with all that is known, for a worker that starts. They are made one after the other, when they are asked for,
     * because all of them together are large.
     *
     * @param config the configuration of the worker
     */
    public synchronized Iterator<WorkerMessage> messages(HipacheConfig config) {
        Settings wanted = Settings.of(config);
        if (wanted.file() == null) {
            return Collections.emptyIterator();
        }
        boolean same = settings.file() != null && settings.store().equals(wanted.store());
        List<Entry> all = same ? entries.all() : new ArrayList<>();
        // where a worker has no room for all, it keeps those that came first
        Collections.reverse(all);
        return new Messages(wanted.store(), all.iterator());
    }

    private static final class Messages implements Iterator<WorkerMessage> {
        private final String store;
        private final Iterator<Entry> entries;
        private boolean ended;

        Messages(String store, Iterator<Entry> entries) {
            this.store = store;
            this.entries = entries;
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public WorkerMessage next() {
            if (ended) {
                throw new NoSuchElementException();
            }
            List<Entry> some = new ArrayList<>();
            for (int bytes = 0; bytes < Entry.PORTION_BYTES && entries.hasNext(); ) {
                Entry entry = entries.next();
                bytes += entry.length();
                some.add(entry);
            }
            ended = some.isEmpty();
            return new WorkerMessage.Known(store, some);
        }
    }

    /** Looks from time to time whether it is time to write, while there is something to write. */
    private synchronized void lookLater() {
        if (writing && !scheduled && settings.file() != null && (contentChanged || timeChanged)) {
            scheduled = true;
            try {
                var unused = writer.schedule(this::writeWhenDue, lookMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                assert writer.isShutdown();
            }
        }
    }

    private void writeNow() {
        attempt(true);
    }

    private void writeWhenDue() {
        synchronized (this) {
            scheduled = false;
        }
        attempt(false);
        lookLater();
    }

    /** The executor would swallow what goes wrong. */
    private void attempt(boolean atOnce) {
        try {
            write(atOnce);
        } catch (RuntimeException | Error e) {
            log.error("the snapshot was not written", e);
        }
    }

    private void write(boolean atOnce) {
        long now = System.nanoTime();
        long since = now - writtenNanos;
        Path file;
        String store;
        List<Entry> all;
        synchronized (this) {
            boolean due = (contentChanged && (atOnce || since >= pauseNanos))
                    || (timeChanged && (atOnce || since >= LONG_PAUSE.toNanos()));
            file = settings.file();
            if (!writing || file == null || !due) {
                return;
            }
            store = settings.store();
            all = entries.all();
            contentChanged = false;
            timeChanged = false;
        }
        writtenNanos = now;
        try {
            SnapshotFile.write(file, store, all);
            if (failure != null) {
                log.info("the snapshot {} is written again", file);
            }
            failure = null;
        } catch (IOException e) {
            failed(file, FileFault.words(e));
        }
    }

    private void failed(Path file, String reason) {
        synchronized (this) {
            contentChanged = true;
        }
        if (!reason.equals(failure)) {
            failure = reason;
            log.error("cannot write the snapshot {}: {}", file, reason);
        }
    }

    /** Writes what is new. Waits for that, but not for a disk that hangs. */
    @Override
    public void close() {
        try {
            writer.submit(this::writeNow).get(LAST_WRITE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.error("the snapshot was not written in time");
        } catch (ExecutionException | RejectedExecutionException e) {
            log.error("the snapshot was not written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.shutdownNow();
    }
}
