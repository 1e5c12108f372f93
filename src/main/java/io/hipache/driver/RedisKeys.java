package io.hipache.driver;

import java.nio.charset.StandardCharsets;

/** The names of what is kept in Redis, behind the prefix of one installation. */
final class RedisKeys {

    /** Where an active checker leaves the unix time of its last round (hipache-hchecker cache.go); never prefixed. */
    static final String CHECKER_PING = "hchecker_ping";

    /** Where deaths are announced; never prefixed (Hipache lib/drivers/redis.js). */
    static final String DEAD_CHANNEL = "dead";

    private final byte[] frontendPrefix;
    private final byte[] deadPrefix;
    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
        this.frontendPrefix = (prefix + "frontend:").getBytes(StandardCharsets.UTF_8);
        this.deadPrefix = (prefix + "dead:").getBytes(StandardCharsets.UTF_8);
    }

    String frontend(String name) {
        return prefix + "frontend:" + name;
    }

    String dead(String host) {
        return prefix + "dead:" + host;
    }

    /** Where the certificate of a host or a wildcard is kept. */
    String tls(String name) {
        return prefix + "tls:" + name;
    }

    /** What precedes a name in the key of its list. */
    byte[] frontendPrefix() {
        return frontendPrefix;
    }

    /** What precedes a host in the key of its dead set. */
    byte[] deadPrefix() {
        return deadPrefix;
    }
}
