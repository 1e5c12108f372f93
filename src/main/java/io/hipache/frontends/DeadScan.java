package io.hipache.frontends;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds all dead sets with SCAN. {@code dead:*} may hold strings as well: planb's monitors keep their locks there, and this
 * program its sets of soft marks.
 */
public final class DeadScan {

    private static final int STEP = 500;

    private DeadScan() {}

    /**
     * What was found.
     *
     * @param sets the sets that have marks, or could not be read
     * @param locks the number of locks of planb's monitors
     */
    public record Found(List<DeadSet> sets, int locks) {}

    /**
     * Walks through all dead sets.
     *
     * @param pattern of hosts, with {@code *} and {@code ?} as in SCAN
     */
    public static Found read(StoreConnection store, String pattern) throws StoreException {
        NameScan names = new NameScan(store, store.keys().dead(""), pattern, STEP);
        Set<String> hosts = new TreeSet<>();
        int locks = 0;
        while (!names.isFinished()) {
            for (String name : names.next()) {
                if (name.indexOf(';') < 0 && !hosts.contains(name)) {
                    // a lock is named after a host and a URL
                    if (name.contains("://")) {
                        locks++;
                    } else {
                        hosts.add(name);
                    }
                }
            }
        }
        List<DeadSet> sets = new ArrayList<>();
        for (String host : hosts) {
            DeadSet set = DeadSet.read(store, host);
            if (!set.marks().isEmpty() || set.problem() != null) {
                sets.add(set);
            }
        }
        return new Found(sets, locks);
    }
}
