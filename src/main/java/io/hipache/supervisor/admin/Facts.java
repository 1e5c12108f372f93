package io.hipache.supervisor.admin;

import io.hipache.config.HipacheConfig;

/**
 * What the supervisor knows, without what workers report.
 *
 * @param config the configuration in force
 * @param serving whether a worker serves
 * @param ending whether a stop or the retirement of all workers is under way
 * @param storeUsable whether the store can be used, or known hosts are answered from memory
 */
public record Facts(HipacheConfig config, boolean serving, boolean ending, boolean storeUsable) {

    /** Why this machine should get no requests, in one word; empty when it should get some. */
    String obstacle() {
        if (ending) {
            return "draining";
        }
        if (!serving) {
            return "no_worker";
        }
        return storeUsable ? "" : "store_away";
    }
}
