package io.hipache.frontends;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.List;

/** Walks through the names that keys of one kind have behind their beginning, step by step, with SCAN. */
public final class NameScan {

    private final StoreConnection store;
    private final String start;
    private final ScanArgs pattern;
    private ScanCursor cursor = ScanCursor.INITIAL;

    /**
     * Asks nothing yet.
     *
     * @param start with which these keys begin, such as that of {@code frontend:<name>}
     * @param pattern of names, with {@code *} and {@code ?} as in SCAN
     * @param step how many keys Redis looks at in one step
     */
    public NameScan(StoreConnection store, String start, String pattern, int step) {
        this.store = store;
        this.start = start;
        this.pattern = ScanArgs.Builder.limit(step).match(escaped(start) + pattern);
    }

    public boolean isFinished() {
        return cursor.isFinished();
    }

    /** The next names, in no order, perhaps none. SCAN may tell a name twice, where Redis makes its table smaller meanwhile. */
    public List<String> next() throws StoreException {
        KeyScanCursor<String> page = store.read(commands -> commands.scan(cursor, pattern));
        cursor = page;
        return page.getKeys().stream().map(key -> key.substring(start.length())).toList();
    }

    /** A prefix may have characters that SCAN takes for a pattern. */
    private static String escaped(String text) {
        return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
    }
}
