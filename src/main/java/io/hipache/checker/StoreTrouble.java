package io.hipache.checker;

import io.hipache.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs once that the store cannot be used, and once that it can again. Confined to the checker's thread. */
final class StoreTrouble {

    private static final Logger LOG = LoggerFactory.getLogger(StoreTrouble.class);

    private StoreException.@Nullable Kind met;

    void met(StoreException e) {
        if (met != e.kind()) {
            met = e.kind();
            LOG.warn("active checks: {}", e.getMessage());
        }
    }

    void over() {
        if (met != null) {
            met = null;
            LOG.info("active checks: the store can be used again");
        }
    }
}
