package io.hipache.checker;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.routing.Backend;
import io.hipache.routing.BackendUrl;
import io.hipache.routing.HostLookup;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the list that an announcement speaks of, by the look-up of the proxies. So wildcards are found as well. */
final class Listings {

    private static final int MOST_NEIGHBOURS = 20;

    private final StoreConnection store;

    Listings(StoreConnection store) {
        this.store = store;
    }

    /** The first backends of the same list. */
    List<Backend> neighbours(Listing listing) throws StoreException {
        return store
                .<List<String>>read(
                        commands -> commands.lrange(store.keys().frontend(listing.frontend()), 1, MOST_NEIGHBOURS))
                .stream()
                .map(BackendUrl::parse)
                .filter(Objects::nonNull)
                .map(BackendUrl::backend)
                .toList();
    }

    /** Null when the list does not have the announced backend at the announced place. */
    @Nullable
    Listing find(Announcement announced) throws StoreException {
        RedisKeys keys = store.keys();
        String host = announced.host().written();
        for (String name : HostLookup.of(announced.host().host(), host, false).names()) {
            try {
                if (store.<Long>read(commands -> commands.llen(keys.frontend(name))) > 0) {
                    String entry =
                            store.<String>read(commands -> commands.lindex(keys.frontend(name), announced.index() + 1));
                    BackendUrl url = entry == null ? null : BackendUrl.parse(entry);
                    return url != null && url.backend().equals(announced.url().backend())
                            ? new Listing(announced, name, entry, url)
                            : null;
                }
            } catch (StoreException e) {
                if (e.kind() == Kind.WRONG_TYPE) {
                    return null;
                }
                throw e;
            }
        }
        return null;
    }
}
