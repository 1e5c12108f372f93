package io.hipache.driver.copy;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
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
    private final LongSupplier nanoTime;
    private int told = NONE;
    private int toldLast = NONE;
    private long toldUntilNanos;

    public CertificateCopy(CopySettings settings) {
        this(settings, System::nanoTime);
    }

    CertificateCopy(CopySettings settings, LongSupplier nanoTime) {
        this.names = new TinyLfu<>(MAX_NAMES, settings.maxBytes() / 4);
        this.staleNanos = settings.staleIfDown().toNanos();
        this.nanoTime = nanoTime;
    }

    /** Redis tells each change of what is read on this connection. */
    void told(int connection) {
        told = connection;
        toldLast = connection;
    }

    void untold() {
        if (told != NONE) {
            told = NONE;
            toldUntilNanos = nanoTime.getAsLong();
        }
    }

    void changed(String name) {
        Known known = names.peek(name);
        if (known != null) {
            known.connection = NONE;
        }
    }

    void allChanged() {
        names.clear();
    }

    /** What Redis would answer now, null when Redis has to be asked. */
    public @Nullable Both fresh(ServerName name) {
        return told == NONE ? null : both(name, false);
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
        return known.connection == told && now - known.readNanos < FrontendCopy.MAX_AGE.toNanos();
    }

    private boolean isStaleEnough(Known known, long now) {
        long lastTold = told == NONE ? toldUntilNanos : now;
        long knownNanos = known.connection == toldLast && toldLast != NONE ? lastTold : known.readNanos;
        return now - knownNanos < staleNanos;
    }

    /** Redis has answered for a name. */
    public void learned(String name, Stored stored, int connection, long sentNanos) {
        Known known = names.peek(name);
        if (known == null) {
            known = new Known(name);
        }
        known.stored = stored;
        known.connection = connection;
        known.readNanos = sentNanos;
        names.put(known);
    }
}
