package io.hipache.driver.copy;

import io.hipache.snapshot.Entry;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells the supervisor once a second what the copies have learned, a little at a time, and takes from it what others have
 * learned. Confined to the event loop.
 */
public final class CopyReport {

    static final long PAUSE_MILLIS = 1_000;

    /** Between two portions: other tasks of the loop have their turn. */
    private static final long NEXT_MILLIS = 10;

    /** Takes entries to the supervisor. */
    public interface Sink {

        /** Whether it takes a message now. */
        boolean hasRoom();

        void send(List<Entry> entries);
    }

    private final EventLoop loop;
    private final News news;
    private final FrontendCopy frontends;
    private final CertificateCopy certificates;
    private @Nullable Sink sink;
    private boolean scheduled;

    public CopyReport(EventLoop loop, News news, FrontendCopy frontends, CertificateCopy certificates) {
        this.loop = loop;
        this.news = news;
        this.frontends = frontends;
        this.certificates = certificates;
    }

    /**
     * Tells this one from now on.
     *
     * @param to null when nothing is to be told any more
     */
    public void to(@Nullable Sink to) {
        sink = to;
        news.turn(to != null);
        if (to != null) {
            later(PAUSE_MILLIS);
        }
    }

    /** Takes what others knew. What Redis has told this worker counts more. */
    public void restore(List<Entry> entries) {
        long now = System.currentTimeMillis();
        for (Entry entry : entries) {
            switch (entry.kind()) {
                case FRONTEND -> frontends.restore(entry, now);
                case CERTIFICATE -> certificates.restore(entry, now);
                default -> {}
            }
        }
    }

    private void later(long millis) {
        if (!scheduled) {
            scheduled = true;
            var unused = loop.schedule(this::report, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void report() {
        scheduled = false;
        Sink to = sink;
        if (to == null) {
            return;
        }
        if (!news.isEmpty() && to.hasRoom()) {
            List<Entry> entries = news.take(Entry.PORTION_BYTES, frontends, certificates, System.currentTimeMillis());
            if (!entries.isEmpty()) {
                to.send(entries);
            }
            later(news.isEmpty() ? PAUSE_MILLIS : NEXT_MILLIS);
        } else {
            later(PAUSE_MILLIS);
        }
    }
}
