package io.hipache.driver.copy;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.hipache.certificates.ServerName;
import io.hipache.snapshot.Entry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker's copy of the certificates that it has asked for, and of the names that have none. It follows the rules of
 * {@link FrontendCopy}. Confined to the event loop.
 */
public final class CertificateCopy {

    private static final int MAX_NAMES = 1_000_000;
    private static final int NONE = 0;
    private static final Stored NOTHING = new Stored.Nothing();

    /** What Redis has under one name. */
    private static final class Known extends TinyLfu.Entry {

        private static final int OWN_BYTES = 160;

        private Stored stored = NOTHING;
        private int connection;
        private long readNanos;
        private final Reported reported = new Reported();

        Known(String name) {
            super(name);
        }

        @Override
        int bytes() {
            int pem = stored instanceof Stored.Pair pair
                    ? pair.pem().certificate().length() + pair.pem().key().length()
                    : 0;
            return OWN_BYTES + 2 * name().length() + pem;
        }
    }

    /**
     * The answer for one name.
     *
     * @param wildcard {@link Stored.Nothing} when the name has no wildcard
     */
    public record Both(Stored exact, Stored wildcard) {}

    private final TinyLfu<Known> names;
    private final long staleNanos;
    private final News news;
    private final LongSupplier nanoTime;
    private final Told told;

    /** @param news hears what is new to this copy */
    public CertificateCopy(CopySettings settings, News news) {
        this(settings, news, System::nanoTime);
    }

    CertificateCopy(CopySettings settings, News news, LongSupplier nanoTime) {
        this.news = news;
        this.names = new TinyLfu<>(MAX_NAMES, settings.certificateBytes());
        this.staleNanos = settings.staleIfDown().toNanos();
        this.nanoTime = nanoTime;
        this.told = new Told(nanoTime);
    }

    /** Redis tells each change of what is read on this connection. */
    void told(int connection) {
        told.begin(connection);
    }

    void untold() {
        if (told.end() && news.isOn()) {
            tellAgain(nanoTime.getAsLong());
        }
    }

    /** The supervisor is to know until when all this was true, also of what nobody has asked for lately. */
    private void tellAgain(long now) {
        names.forEach(known -> {
            if (told.isLast(known.connection) && known.reported.isDueAgain(Reported.As.KNOWN, now)) {
                news.certificate(known.name());
            }
        });
    }

    void changed(String name) {
        Known known = names.peek(name);
        if (known != null) {
            known.connection = NONE;
        }
    }

    void allChanged() {
        told.emptied();
    }

    /** What Redis would answer now, null when Redis has to be asked. */
    public @Nullable Both fresh(ServerName name) {
        return told.isNow() ? both(name, false) : null;
    }

    /** What Redis answered last, null when that is not known, or too old. */
    public @Nullable Both stale(ServerName name) {
        return both(name, true);
    }

    private @Nullable Both both(ServerName name, boolean stale) {
        Stored exact = one(name.name(), stale);
        Stored wildcard = name.wildcard() == null ? NOTHING : one(name.wildcard(), stale);
        return exact == null || wildcard == null ? null : new Both(exact, wildcard);
    }

    private @Nullable Stored one(String name, boolean stale) {
        Known known = names.peek(name);
        long now = nanoTime.getAsLong();
        if (known == null || !(stale ? isStaleEnough(known, now) : isFresh(known, now))) {
            return null;
        }
        names.used(known);
        return known.stored;
    }

    private boolean isFresh(Known known, long now) {
        return known.connection == told.connection() && known.readNanos - told.freshSince(now) >= 0;
    }

    private boolean isStaleEnough(Known known, long now) {
        return now - knownNanos(known, now) < staleNanos;
    }

    private long knownNanos(Known known, long now) {
        return told.knownNanos(known.connection, known.readNanos, now);
    }

    /** Redis has answered for a name. */
    public void learned(String name, Stored stored, int connection, long sentNanos) {
        if (told.takeEmptied()) {
            names.clear();
        }
        Known known = toLearn(name);
        boolean changed = !stored.equals(known.stored);
        known.stored = stored;
        known.connection = connection;
        known.readNanos = sentNanos;
        names.put(known);
        if (news.isOn() && known.reported.isDue(Reported.As.KNOWN, changed, nanoTime.getAsLong())) {
            news.certificate(name);
        }
    }

    private Known toLearn(String name) {
        Known known = names.peek(name);
        return known == null ? new Known(name) : known;
    }

    /** What the supervisor is to know of a name, null when this copy has nothing any more. */
    @Nullable
    Entry report(String name, long nowMillis) {
        Known known = names.peek(name);
        if (known == null) {
            return null;
        }
        long now = nanoTime.getAsLong();
        known.reported.told(Reported.As.KNOWN, now);
        long knownMillis = nowMillis - TimeUnit.NANOSECONDS.toMillis(now - knownNanos(known, now));
        return Entry.of(Entry.Kind.CERTIFICATE, name, knownMillis, texts(known.stored));
    }

    private static List<String> texts(Stored stored) {
        if (stored instanceof Stored.Pair pair) {
            return List.of(pair.pem().certificate(), pair.pem().key());
        }
        return stored instanceof Stored.Unusable unusable ? List.of(unusable.reason()) : List.of();
    }

    private static Stored stored(List<String> texts) {
        return switch (texts.size()) {
            case 0 -> NOTHING;
            case 1 -> new Stored.Unusable(texts.get(0));
            default -> new Stored.Pair(new PemPair(texts.get(0), texts.get(1)));
        };
    }

    /** Takes what another worker knew of a name. It is stale, and as old as it is. */
    void restore(Entry entry, long nowMillis) {
        long ageMillis = Math.max(0, nowMillis - entry.knownMillis());
        if (ageMillis < TimeUnit.NANOSECONDS.toMillis(staleNanos)) {
            long nanos = nanoTime.getAsLong() - TimeUnit.MILLISECONDS.toNanos(ageMillis);
            restore(entry.name(), stored(entry.texts()), nanos);
        }
    }

    /** Takes what another copy of the same store knew. It is stale here, and as old as it is. */
    public void takeFrom(CertificateCopy before) {
        long now = nanoTime.getAsLong();
        before.names.forEach(known -> restore(known.name(), known.stored, before.knownNanos(known, now)));
    }

    private void restore(String name, Stored stored, long nanos) {
        Known known = names.peek(name);
        if (known == null || knownNanos(known, nanoTime.getAsLong()) - nanos < 0) {
            known = known == null ? new Known(name) : known;
            known.stored = stored;
            known.connection = NONE;
            known.readNanos = nanos;
            known.reported.told(Reported.As.KNOWN, nanos);
            names.put(known);
        }
    }
}
