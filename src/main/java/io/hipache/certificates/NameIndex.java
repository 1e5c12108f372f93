package io.hipache.certificates;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a value by host name, exactly or by a wildcard of one label. The first value that is added for a name stays. */
public final class NameIndex<T> {

    private final Map<String, T> values = new HashMap<>();

    /**
     * Adds a value under several names.
     *
     * @param hosts names and wildcards such as {@code *.example.com}, in lower case
     */
    public void add(List<String> hosts, T value) {
        hosts.forEach(host -> values.putIfAbsent(host, value));
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    @Nullable
    T exact(ServerName name) {
        return values.get(name.name());
    }

    @Nullable
    T wildcard(ServerName name) {
        return name.wildcard() == null ? null : values.get(name.wildcard());
    }
}
