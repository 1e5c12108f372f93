package io.hipache.driver.lookup;

import io.hipache.config.Installation;
import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what keeps look-ups from their answers. Confined to the loop. */
final class LookupTroubles {

    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);
    private static final String TROUBLE = "Redis cannot answer look-ups";

    private static final String CLUSTER =
            "; it is a Redis Cluster, which cannot be used: a look-up reads keys of several slots at one moment";

    private final RedisKeys keys;
    private final LookupBounds bounds;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private boolean scriptRefusalLogged;

    LookupTroubles(RedisKeys keys, LookupBounds bounds) {
        this.keys = keys;
        this.bounds = bounds;
    }

    /** Logs trouble with the server, each kind once until {@link #recovered}. */
    void report(String reason) {
        boolean cluster = reason.startsWith("CROSSSLOT") || reason.startsWith("CLUSTERDOWN");
        troubles.report(TROUBLE, cluster ? reason + CLUSTER : reason);
    }

    /** A look-up has its answer. */
    void recovered() {
        troubles.recovered("Redis answers look-ups again");
    }

    /** Logs once that the server refuses the script, until it has run one. */
    void reportScriptRefusal(String error) {
        if (!scriptRefusalLogged) {
            scriptRefusalLogged = true;
            LOG.warn(
                    "Redis refuses scripts or a command in them, look-ups go on as transactions; grant the rights"
                            + " that {} lists: {}",
                    Installation.find().page("docs/configuration.md#rights-of-the-redis-user"),
                    error);
        }
    }

    /** The server has run the script. */
    void scriptRan() {
        scriptRefusalLogged = false;
    }

    /** Trouble with what the store holds is logged once for each key. Clients may invent any number of hosts for one key. */
    void report(HostLookup lookup, Result result, String error) {
        String host = lookup.requestedHost();
        String subject =
                result.unreadable() == null ? deadSets(lookup, result.rows()) : keys.frontend(result.unreadable());
        if (result.isTooLarge()) {
            troubles.reportSubject(subject, host + ": " + tooLarge(lookup, result));
        } else if (error.startsWith(RowsDecoder.WRONG_TYPE)) {
            troubles.reportSubject(subject, host + ": " + wrongType(lookup, result) + ": " + error);
        } else {
            troubles.report(TROUBLE, error);
        }
    }

    private String tooLarge(HostLookup lookup, Result result) {
        if (result.unreadable() == null) {
            return "all its backends count as alive, because the Redis key " + deadSets(lookup, result.rows())
                    + " holds more than indexes; delete it";
        }
        return "cannot be routed, because the Redis key " + keys.frontend(result.unreadable())
                + " is too large: it may have "
                + bounds.maxBackends() + " backends, and take " + bounds.bytes()
                + " bytes; shorten it, or raise server.maxBackends";
    }

    private String wrongType(HostLookup lookup, Result result) {
        if (result.unreadable() == null) {
            return "all its backends count as alive, because the Redis key " + deadSets(lookup, result.rows())
                    + " is not a set; delete it";
        }
        return "cannot be routed, because the Redis key " + keys.frontend(result.unreadable())
                + " is not a list; delete it or write it again";
    }

    /** The dead sets that count for what was found, for the log. */
    private String deadSets(HostLookup lookup, @Nullable Rows rows) {
        String name = rows == null ? null : rows.name();
        String deadSet = keys.dead(name == null ? lookup.requestedHost() : lookup.deadHost(name));
        boolean twoSets = lookup.matchedKey() && name != null && name.startsWith("*");
        return twoSets ? keys.dead(lookup.requestedHost()) + " or " + deadSet : deadSet;
    }
}
