package io.hipache.frontends;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.lettuce.core.ScriptOutputType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Walks through all frontends, page by page, with SCAN. One walk at a time. */
public final class FrontendScan {

    /** Keys that Redis looks at in one step. */
    private static final int STEP = 500;

    /** A longer list is read apart, so that no step is long. */
    private static final int MOST_TOGETHER = 50;

    /**
     * For each key: its length, its list, and how many marks it has. Of a list that is longer than asked, there is the
     * beginning of its identifier alone. An error reply when a command fails.
     */
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
                if length > tonumber(ARGV[1]) then
                  replies[#replies + 1] = {string.sub(redis.call('LRANGE', KEYS[i], 0, 0)[1], 1, 256)}
                else
                  replies[#replies + 1] = redis.call('LRANGE', KEYS[i], 0, -1)
                end
                replies[#replies + 1] = type(marks) == 'number' and marks or 0
              end
            end
            return replies
            """;

    private final StoreConnection store;
    private final NameScan names;
    private final Set<String> seen = new HashSet<>();

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

    /**
     * What a list of frontends shows of one.
     *
     * @param isList false when the key is of another type; it then has neither identifier nor backends
     * @param identifier its first 256 bytes
     * @param backends how many entries it has
     * @param marks how many marks the dead set of the same name has
     */
    public record Summary(String name, boolean isList, String identifier, long backends, long marks) {}

    /** @param pattern of names, with {@code *} and {@code ?} as in SCAN */
    public FrontendScan(StoreConnection store, String pattern) {
        this.store = store;
        this.names = new NameScan(store, store.keys().frontend(""), pattern, STEP);
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
            scan.seen.addAll(scan.names.next());
        }
        return scan.seen.size();
    }

    public boolean isFinished() {
        return names.isFinished();
    }

    /** The next frontends, in no order, perhaps none. */
    public List<Frontend> next() throws StoreException {
        List<Frontend> frontends = new ArrayList<>();
        for (Row row : rows(store, names.next().stream().filter(seen::add).toList(), MOST_TOGETHER)) {
            List<String> list = row.length > MOST_TOGETHER
                    ? store.<List<String>>read(
                            commands -> commands.lrange(store.keys().frontend(row.name), 0, -1))
                    : row.list;
            if (row.length < 0) {
                frontends.add(new Frontend(row.name, false, "", List.of(), 0));
            } else if (!list.isEmpty()) {
                frontends.add(new Frontend(row.name, true, list.get(0), list.subList(1, list.size()), row.marks));
            }
        }
        return frontends;
    }

    /** Reads the frontends with these names in one step, in this order, without those that do not exist. */
    public static List<Summary> summaries(StoreConnection store, Collection<String> names) throws StoreException {
        return rows(store, List.copyOf(names), 0).stream()
                .filter(row -> row.length != 0)
                .map(row -> row.length < 0
                        ? new Summary(row.name, false, "", 0, 0)
                        : new Summary(row.name, true, row.list.get(0), row.length - 1, row.marks))
                .toList();
    }

    /** @param length of the list, 0 when there is none, negative when the key is of another type */
    private record Row(String name, long length, List<String> list, long marks) {}

    private static List<Row> rows(StoreConnection store, List<String> names, int mostTogether) throws StoreException {
        if (names.isEmpty()) {
            return List.of();
        }
        String[] keys = names.stream()
                .flatMap(name ->
                        Stream.of(store.keys().frontend(name), store.keys().dead(name)))
                .toArray(String[]::new);
        List<Object> replies = store.read(
                commands -> commands.eval(SOURCE, ScriptOutputType.MULTI, keys, String.valueOf(mostTogether)));
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            List<String> list = ((List<?>) replies.get(3 * i + 1))
                    .stream().map(String::valueOf).toList();
            rows.add(new Row(names.get(i), (Long) replies.get(3 * i), list, (Long) replies.get(3 * i + 2)));
        }
        return rows;
    }
}
