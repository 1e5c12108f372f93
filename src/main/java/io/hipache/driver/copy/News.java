package io.hipache.driver.copy;

import io.hipache.snapshot.Entry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names of which a worker has learned something that the supervisor does not know. Bounded: a name that is left out is
 * there again when it is asked for again. Confined to the event loop.
 */
public final class News {

    /** Names of each sort that wait. */
    static final int MOST = 10_000;

    private final Set<String> frontends = new LinkedHashSet<>();
    /** Without a list, in front of a wildcard that has one. Apart, because somebody may make up any number of them. */
    private final Set<String> absentNames = new LinkedHashSet<>();

    private final Set<String> unknownHosts = new LinkedHashSet<>();
    private final Set<String> certificates = new LinkedHashSet<>();
    private boolean on;
    private boolean allForgotten;

    /** Whether there is anybody to tell. When not, nothing is collected. */
    boolean isOn() {
        return on;
    }

    void turn(boolean onNow) {
        on = onNow;
        if (!on) {
            frontends.clear();
            absentNames.clear();
            unknownHosts.clear();
            certificates.clear();
            allForgotten = false;
        }
    }

    boolean isEmpty() {
        return !allForgotten && size() == 0;
    }

    int size() {
        return frontends.size() + absentNames.size() + unknownHosts.size() + certificates.size();
    }

    /** Redis has answered with a list under this name, or with none under this name and a list under a later one. */
    void frontend(KnownName known, boolean changed, long now) {
        if (known.reported().isDue(Reported.As.KNOWN, changed, now)) {
            boolean absent = known.list().isEmpty();
            unknownHosts.remove(known.name());
            (absent ? frontends : absentNames).remove(known.name());
            add(absent ? absentNames : frontends, known.name());
        }
    }

    /**
     * Redis has no list for a host of this name. The supervisor forgets what it knew, and does not keep that there is none: there
     * is no end of names that somebody makes up.
     */
    void unknownHost(KnownName known, boolean changed, long now) {
        if (known.reported().isDue(Reported.As.FORGOTTEN, changed, now)) {
            frontends.remove(known.name());
            absentNames.remove(known.name());
            add(unknownHosts, known.name());
        }
    }

    void certificate(String name) {
        if (on) {
            add(certificates, name);
        }
    }

    /** Everything in Redis was deleted. */
    void allForgotten() {
        if (on) {
            turn(false);
            turn(true);
            allForgotten = true;
        }
    }

    private static void add(Set<String> names, String name) {
        if (names.size() < MOST) {
            names.add(name);
        }
    }

    /**
     * Takes the oldest news.
     *
     * @param bytes about the length of the entries
     */
    List<Entry> take(int bytes, FrontendCopy frontendCopy, CertificateCopy certificateCopy, long nowMillis) {
        List<Entry> taken = new ArrayList<>();
        int room = bytes;
        if (allForgotten) {
            allForgotten = false;
            Entry all = Entry.of(Entry.Kind.FORGOTTEN_ALL, "*", nowMillis, List.of());
            if (all != null) {
                taken.add(all);
            }
        }
        room = take(frontends, name -> frontendCopy.report(name, nowMillis), room, taken);
        room = take(certificates, name -> certificateCopy.report(name, nowMillis), room, taken);
        room = take(absentNames, name -> frontendCopy.report(name, nowMillis), room, taken);
        take(unknownHosts, name -> frontendCopy.reportUnknown(name, nowMillis), room, taken);
        return taken;
    }

    private static int take(Set<String> names, Function<String, @Nullable Entry> report, int bytes, List<Entry> taken) {
        int room = bytes;
        Iterator<String> oldest = names.iterator();
        while (room > 0 && oldest.hasNext()) {
            Entry entry = report.apply(oldest.next());
            oldest.remove();
            if (entry != null) {
                taken.add(entry);
                room -= entry.length();
            }
        }
        return room;
    }
}
