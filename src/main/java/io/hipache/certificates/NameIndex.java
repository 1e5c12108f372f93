package io.hipache.certificates;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a thing by host name, exactly or by a wildcard of one label. Of two for the same name the first one stays. */
public final class NameIndex<T> {

    private final Map<String, T> things = new HashMap<>();

    /**
     * Adds a thing under several names.
     *
     * @param hosts names and wildcards such as {@code *.example.com}, in lower case
     */
    public void add(List<String> hosts, T thing) {
        hosts.forEach(host -> things.putIfAbsent(host, thing));
    }

    public boolean isEmpty() {
        return things.isEmpty();
    }

    @Nullable
    T exact(ServerName name) {
        return things.get(name.name());
    }

    @Nullable
    T wildcard(ServerName name) {
        return name.wildcard() == null ? null : things.get(name.wildcard());
    }
}
