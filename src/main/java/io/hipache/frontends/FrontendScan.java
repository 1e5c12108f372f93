package io.hipache.frontends;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Walks through all frontends, page by page, with SCAN. One walk at a time. */
public final class FrontendScan {

    /** Keys that Redis looks at in one step. */
    private static final int STEP = 500;

    /** A longer list is read apart, so that no step is long. */
    private static final int MOST_TOGETHER = 50;

    /** For each key: its length, the head of its list, and how many marks it has; a text when a command fails. */
    private static final String SOURCE =
            """
            local replies = {}
            for i = 1, #KEYS, 2 do
              local length = redis.pcall('LLEN', KEYS[i])
              if type(length) == 'table' then
                if not string.find(length.err, 'WRONGTYPE', 1, true) then return length end
                replies[#replies + 1] = -1
                replies[#replies + 1] = {}
                replies[#replies + 1] = 0
              else
                local marks = redis.pcall('SCARD', KEYS[i + 1])
                replies[#replies + 1] = length
                replies[#replies + 1] = length > tonumber(ARGV[1]) and {} or redis.call('LRANGE', KEYS[i], 0, -1)
                replies[#replies + 1] = type(marks) == 'number' and marks or 0
              end
            end
            return replies
            """;

    private final StoreConnection store;
    private final String start;
    private final ScanArgs pattern;
    private final Set<String> seen = new HashSet<>();
    private ScanCursor cursor = ScanCursor.INITIAL;

    /**
     * One frontend.
     *
     * @param isList false when the key is of another type; it then has neither identifier nor entries
     * @param entries the URLs of its backends, as they are stored
     * @param marks how many marks the dead set of the same name has
     */
    public record Frontend(String name, boolean isList, String identifier, List<String> entries, long marks) {
        public Frontend {
            entries = List.copyOf(entries);
        }
    }

    /** @param pattern of names, with {@code *} and {@code ?} as in SCAN */
    public FrontendScan(StoreConnection store, String pattern) {
        this.store = store;
        this.start = store.keys().frontend("");
        this.pattern = ScanArgs.Builder.limit(STEP).match(escaped(start) + pattern);
    }

    /** All frontends with such names, in no order. */
    public static List<Frontend> all(StoreConnection store, String pattern) throws StoreException {
        List<Frontend> all = new ArrayList<>();
        FrontendScan scan = new FrontendScan(store, pattern);
        while (!scan.isFinished()) {
            all.addAll(scan.next());
        }
        return all;
    }

    /** How many there are, of any type. Their contents are not read. */
    public static int count(StoreConnection store) throws StoreException {
        FrontendScan scan = new FrontendScan(store, "*");
        while (!scan.isFinished()) {
            scan.nextNames();
        }
        return scan.seen.size();
    }

    public boolean isFinished() {
        return cursor.isFinished();
    }

    /** The next frontends, in no order, perhaps none. */
    public List<Frontend> next() throws StoreException {
        List<String> names = nextNames();
        return names.isEmpty() ? List.of() : frontends(names);
    }

    private List<String> nextNames() throws StoreException {
        KeyScanCursor<String> page = store.read(commands -> commands.scan(cursor, pattern));
        cursor = page;
        List<String> names = new ArrayList<>();
        for (String key : page.getKeys()) {
            String name = key.substring(start.length());
            if (seen.add(name)) {
                names.add(name);
            }
        }
        return names;
    }

    private List<Frontend> frontends(List<String> names) throws StoreException {
        String[] keys = names.stream()
                .flatMap(name ->
                        List.of(store.keys().frontend(name), store.keys().dead(name)).stream())
                .toArray(String[]::new);
        List<Object> replies = store.read(
                commands -> commands.eval(SOURCE, ScriptOutputType.MULTI, keys, String.valueOf(MOST_TOGETHER)));
        List<Frontend> frontends = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            long length = (Long) replies.get(3 * i);
            long marks = (Long) replies.get(3 * i + 2);
            List<String> list = length > MOST_TOGETHER
                    ? store.<List<String>>read(
                            commands -> commands.lrange(store.keys().frontend(name), 0, -1))
                    : ((List<?>) replies.get(3 * i + 1))
                            .stream().map(String::valueOf).toList();
            if (length < 0) {
                frontends.add(new Frontend(name, false, "", List.of(), 0));
            } else if (!list.isEmpty()) {
                frontends.add(new Frontend(name, true, list.get(0), list.subList(1, list.size()), marks));
            }
        }
        return frontends;
    }

    /** A prefix may have characters that SCAN takes for a pattern. */
    static String escaped(String text) {
        return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
    }
}
