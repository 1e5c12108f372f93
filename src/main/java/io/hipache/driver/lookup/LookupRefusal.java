package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.RedisCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server's last answer was an error that concerns every look-up. A right that is missing is remembered until a
 * look-up has used it: a host without a frontend needs fewer rights than others. Confined to the event loop.
 */
final class LookupRefusal {
    private boolean there;
    private boolean rightMissing;

    boolean isThere() {
        return there;
    }

    /** Another connection may be to another server, with other rights. */
    void connected() {
        there = false;
        rightMissing = false;
    }

    /** The server has no data at the moment. */
    void passing() {
        there = true;
    }

    /** @param error of all {@code lookups} together, null when each has its result */
    void answered(@Nullable String error, List<PendingLookup> lookups, List<Result> results) {
        if (error != null) {
            there = true;
            rightMissing = RedisCommand.isRefusal(error);
        } else if (!rightMissing || showRights(lookups, results)) {
            there = false;
            rightMissing = false;
        }
    }

    private static boolean showRights(List<PendingLookup> lookups, List<Result> results) {
        return lookups.stream().anyMatch(pending -> pending.lookup().isNobodys())
                || results.stream().map(Result::rows).anyMatch(rows -> rows != null && rows.name() != null);
    }
}
