package io.hipache.driver.copy;

import io.hipache.driver.lookup.LookupObserver;
import io.hipache.driver.lookup.LookupObserver.Marks;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.snapshot.Entry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker's copy of the frontends and dead sets that it has asked for. The copy is kept by key, also of keys that do not
 * exist, so that a wildcard is found in it as in Redis. What was read on the connection on which Redis tells each change is
 * fresh until Redis tells one. The rest is stale: it answers only while Redis is away. Confined to the event loop.
 */
public final class FrontendCopy {

    /** More than a worker has room for. The bytes are the bound that counts. */
    private static final int MAX_NAMES = 4_000_000;

    /** Longer than any connection lasts. */
    private static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(1_000);

    private static final long FOR_EVER_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);

    private static final Rows ABSENT = new Rows(null, List.of(), Set.of());

    private final CopySettings settings;
    private final Duration deadBackendTtl;
    private final int softDeathCap;
    private final LongSupplier nanoTime;
    private final TinyLfu<KnownName> names;
    private final News news;
    private final LocalMarks localMarks = new LocalMarks();
    private final Told told;

    /**
     * An empty copy.
     *
     * @param deadBackendTtl how long a backend stays marked that died while Redis was away
     * @param softDeathCap the percentage of a frontend's backends up to which soft failures mark then
     * @param news hears what is new to this copy
     */
    public FrontendCopy(CopySettings settings, Duration deadBackendTtl, int softDeathCap, News news) {
        this(settings, deadBackendTtl, softDeathCap, news, System::nanoTime);
    }

    FrontendCopy(CopySettings settings, Duration deadBackendTtl, int softDeathCap, News news, LongSupplier nanoTime) {
        this.settings = settings;
        this.deadBackendTtl = deadBackendTtl;
        this.softDeathCap = softDeathCap;
        this.news = news;
        this.nanoTime = nanoTime;
        this.told = new Told(nanoTime);
        this.names = new TinyLfu<>(MAX_NAMES, settings.frontendBytes());
    }

    /** Redis tells each change of what is read on this connection, from its first look-up on. */
    public void told(int connection) {
        told.begin(connection);
    }

    /** Redis may tell nothing any more. */
    public void untold() {
        if (told.end() && news.isOn()) {
            tellAgain(nanoTime.getAsLong());
        }
    }

    /** The supervisor is to know until when all this was true, also of what nobody has asked for lately. */
    private void tellAgain(long now) {
        names.forEach(known -> {
            if (told.isLast(known.listConnection()) && known.reported().isDueAgain(Reported.As.KNOWN, now)) {
                news.frontend(known, false, now);
            }
        });
    }

    /** The number of names, also of those that do not exist in Redis. */
    public int size() {
        return names.size();
    }

    /** What Redis would answer now, null when Redis has to be asked. */
    public @Nullable Rows fresh(HostLookup lookup) {
        if (!told.isNow()) {
            return null;
        }
        long now = nanoTime.getAsLong();
        long since = told.freshSince(now);
        List<String> candidates = lookup.names();
        for (int n = 0; n < candidates.size(); n++) {
            KnownName known = names.peek(candidates.get(n));
            if (known == null || !known.listIsFresh(told.connection(), since)) {
                return null;
            }
            if (!known.list().isEmpty()) {
                return freshRows(lookup, n, known, since, now);
            }
            names.used(known);
        }
        return ABSENT;
    }

    private @Nullable Rows freshRows(HostLookup lookup, int n, KnownName known, long since, long now) {
        int backends = known.list().size() - 1;
        String deadHost = deadHost(lookup, n);
        KnownName own = deadHost.equals(known.name()) ? known : names.peek(deadHost);
        if (own == null || !own.deadIsFresh(told.connection(), since, now, backends)) {
            return null;
        }
        Set<Integer> dead = own.marks(now);
        if (countsMatched(lookup, n)) {
            if (!known.deadIsFresh(told.connection(), since, now, backends)) {
                return null;
            }
            dead = IndexSets.union(dead, known.marks(now));
        }
        names.used(known);
        if (own != known) {
            names.used(own);
        }
        return new Rows(known.name(), known.list(), IndexSets.within(dead, backends));
    }

    /**
     * What Redis answered last, null when that is not known or too old. No list is no answer: the host may be there by now.
     */
    public @Nullable Rows stale(HostLookup lookup) {
        long now = nanoTime.getAsLong();
        List<String> candidates = lookup.names();
        boolean allAbsent = true;
        for (int n = 0; n < candidates.size(); n++) {
            KnownName known = names.peek(candidates.get(n));
            if (known == null || !mayAnswerStale(known, now)) {
                allAbsent = false;
            } else if (!known.list().isEmpty()) {
                // Redis may have a list of another tenant under a name that is not known and comes first
                return allAbsent ? staleRows(lookup, n, known, now) : null;
            }
        }
        return null;
    }

    private boolean mayAnswerStale(KnownName known, long now) {
        return known.knowsList()
                && now - knownNanos(known, now) < settings.staleIfDown().toNanos();
    }

    /** Whether there is a frontend that {@link #stale} may still answer for. */
    public boolean canAnswerStale() {
        return told.hasHeldListWithin(settings.staleIfDown().toNanos(), nanoTime.getAsLong());
    }

    /** When the list was last known to be that of Redis. */
    private long knownNanos(KnownName known, long now) {
        return told.knownNanos(known.listConnection(), known.listReadNanos(), now);
    }

    private Rows staleRows(HostLookup lookup, int n, KnownName known, long now) {
        Rows rows = lastRows(lookup, n, known, now);
        Set<Integer> dead = localMarks.and(rows.dead(), lookup.deadHost(known.name()), rows.entries(), now);
        names.used(known);
        // workers that mark at the same time may mark all: then nobody knows which of them are alive
        boolean allDead = dead.size() >= rows.entries().size() - 1;
        return new Rows(rows.name(), rows.entries(), allDead ? rows.dead() : dead, true);
    }

    private Rows lastRows(HostLookup lookup, int n, KnownName known, long now) {
        KnownName own = names.peek(deadHost(lookup, n));
        Set<Integer> dead = own == null ? Set.of() : own.marks(now);
        if (countsMatched(lookup, n)) {
            dead = IndexSets.union(dead, known.marks(now));
        }
        return new Rows(
                known.name(), known.list(), IndexSets.within(dead, known.list().size() - 1));
    }

    /** The host whose dead set is the first one that counts for the list of the n-th name. */
    private static String deadHost(HostLookup lookup, int n) {
        return lookup.names().get(n < lookup.spellings() ? n : 0);
    }

    /** Whether the dead set of the n-th name counts besides that of the requested host. */
    private static boolean countsMatched(HostLookup lookup, int n) {
        return lookup.matchedKey() && n >= lookup.spellings();
    }

    /** As {@link LookupObserver#learned}. */
    public Rows learned(HostLookup lookup, Rows rows, List<Marks> marks, int connection, long sentNanos) {
        long now = nanoTime.getAsLong();
        if (told.takeEmptied()) {
            names.clear();
            news.allForgotten();
        }
        List<String> candidates = lookup.names();
        Rows settled = null;
        for (int n = 0; n < candidates.size(); n++) {
            String name = candidates.get(n);
            boolean match = name.equals(rows.name());
            List<String> list = match ? rows.entries() : List.of();
            KnownName known = toLearn(name);
            if (keepsLastBackends(known, list, now)) {
                settled = settled == null ? lastRows(lookup, n, known, now) : settled;
                known.listChanged(now);
            } else {
                boolean changed = news.isOn() && !(known.knowsList() && list.equals(known.list()));
                known.list(list, connection, sentNanos);
                noteList(list, now);
                if (news.isOn()) {
                    report(known, rows.name() != null, changed, now);
                }
            }
            if (match && !marks.isEmpty()) {
                KnownName own = deadHost(lookup, n).equals(name) ? known : toLearn(deadHost(lookup, n));
                learn(own, marks.get(0), list.size() - 1, connection, sentNanos);
                if (own != known) {
                    names.put(own);
                }
                if (marks.size() > 1) {
                    learn(known, marks.get(1), list.size() - 1, connection, sentNanos);
                }
            }
            names.put(known);
            if (match) {
                break;
            }
        }
        return settled == null ? rows : settled;
    }

    private void report(KnownName known, boolean matched, boolean changed, long now) {
        if (matched) {
            news.frontend(known, changed, now);
        } else {
            news.unknownHost(known, changed, now);
        }
    }

    /** What the supervisor is to know of a name, null when this copy has nothing any more. */
    @Nullable
    Entry report(String name, long nowMillis) {
        Entry entry = entry(Entry.Kind.FRONTEND, Reported.As.KNOWN, name, nowMillis);
        // a list that is too long is not told, and an older one does not count any more
        return entry == null ? entry(Entry.Kind.FORGOTTEN_FRONTEND, Reported.As.KNOWN, name, nowMillis) : entry;
    }

    /** As {@link #report}, for a name that the supervisor is to forget. */
    @Nullable
    Entry reportUnknown(String name, long nowMillis) {
        return entry(Entry.Kind.FORGOTTEN_FRONTEND, Reported.As.FORGOTTEN, name, nowMillis);
    }

    private @Nullable Entry entry(Entry.Kind kind, Reported.As as, String name, long nowMillis) {
        KnownName known = names.peek(name);
        if (known == null || !known.knowsList()) {
            return null;
        }
        long now = nanoTime.getAsLong();
        known.reported().told(as, now);
        long knownMillis = nowMillis - TimeUnit.NANOSECONDS.toMillis(now - knownNanos(known, now));
        return Entry.of(kind, name, knownMillis, kind.forgets() ? List.of() : known.list());
    }

    /** Takes what another worker knew of a name. It is stale, and as old as it is. */
    void restore(Entry entry, long nowMillis) {
        long ageMillis = Math.max(0, nowMillis - entry.knownMillis());
        if (ageMillis < settings.staleIfDown().toMillis()) {
            restore(entry.name(), entry.texts(), nanoTime.getAsLong() - TimeUnit.MILLISECONDS.toNanos(ageMillis));
        }
    }

    /** Takes what another copy of the same store knew. It is stale here, and as old as it is. */
    public void takeFrom(FrontendCopy before) {
        long now = nanoTime.getAsLong();
        before.names.forEach(known -> {
            if (known.knowsList()) {
                restore(known.name(), known.list(), before.knownNanos(known, now));
            }
        });
    }

    private void restore(String name, List<String> list, long nanos) {
        KnownName known = toLearn(name);
        if (!known.knowsList() || knownNanos(known, nanoTime.getAsLong()) - nanos < 0) {
            known.restored(list, nanos);
            noteList(list, nanos);
            known.reported().told(Reported.As.KNOWN, nanos);
            names.put(known);
        }
    }

    /** A name without a list answers for nobody while Redis is away. */
    private void noteList(List<String> list, long nanos) {
        if (!list.isEmpty()) {
            told.held(nanos);
        }
    }

    private KnownName toLearn(String name) {
        KnownName known = names.peek(name);
        return known == null ? new KnownName(name) : known;
    }

    private void learn(KnownName known, Marks marks, int backends, int connection, long sentNanos) {
        // by the time of the question, so that a mark is never kept for longer than Redis keeps it
        long until = marks.ttlMillis() == Marks.NO_END
                ? FOR_EVER_NANOS
                : TimeUnit.MILLISECONDS.toNanos(Math.min(marks.ttlMillis(), LONGEST_MILLIS));
        known.dead(marks.indexes(), backends, connection, sentNanos, sentNanos + until);
    }

    /** Editors delete a list and push it again. Until they are done, the frontend keeps the backends that it had. */
    private boolean keepsLastBackends(KnownName known, List<String> list, long now) {
        return list.size() < 2
                && known.hasBackends()
                && !settings.settle().isZero()
                && known.isSettling(now, settings.settle().toNanos(), told.isNow());
    }

    /** The list under this name in Redis has changed. */
    public void frontendChanged(String name) {
        KnownName known = names.peek(name);
        if (known != null) {
            known.listChanged(nanoTime.getAsLong());
        }
    }

    /** The dead set of this host in Redis has changed. */
    public void deadSetChanged(String host) {
        KnownName known = names.peek(host);
        if (known != null) {
            known.deadChanged();
        }
    }

    /**
     * Everything in Redis was deleted. A replica says so too before it loads the data of its master: until Redis answers again,
     * what it had may be answered as stale.
     */
    public void allChanged() {
        told.emptied();
    }

    /**
     * Marks a backend in this copy alone, because Redis is away. The rules are those of the mark in Redis: a soft failure marks
     * no more than its share of the backends, and the only backend of a frontend is not marked.
     */
    public Marking mark(DeadBackend dead) {
        KnownName known = names.peek(dead.frontend());
        List<String> list = known == null ? List.of() : known.list();
        if (known == null || dead.index() + 1 >= list.size() || !dead.entry().equals(list.get(dead.index() + 1))) {
            return Marking.MOVED;
        }
        int backends = list.size() - 1;
        if (backends == 1) {
            return Marking.ONLY_BACKEND;
        }
        long now = nanoTime.getAsLong();
        KnownName own = names.peek(dead.host());
        Set<Integer> marks = own == null ? Set.of() : IndexSets.within(own.marks(now), backends);
        Set<Integer> all = localMarks.and(marks, dead.host(), list, now);
        if (all.contains(dead.index())) {
            note(dead.host(), dead.entry(), now);
            return Marking.DEAD_ALREADY;
        }
        if (dead.soft() && all.size() >= softLimit(backends)) {
            return Marking.CAPPED;
        }
        note(dead.host(), dead.entry(), now);
        return Marking.MARKED;
    }

    private int softLimit(int backends) {
        return softDeathCap == 0 ? 0 : Math.max(1, (int) ((long) backends * softDeathCap / 100));
    }

    /** Whether a mark of this entry is kept. One that is very long is not, and other workers need not hear of it. */
    public static boolean isNoted(String entry) {
        return entry.length() <= LocalMarks.LONGEST_ENTRY;
    }

    /** Another worker has marked a backend while Redis is away. */
    public void marked(String deadHost, String entry) {
        if (names.peek(deadHost) == null) {
            return;
        }
        note(deadHost, entry, nanoTime.getAsLong());
    }

    private void note(String deadHost, String entry, long now) {
        localMarks.add(deadHost, entry, now + deadBackendTtl.toNanos());
    }
}
