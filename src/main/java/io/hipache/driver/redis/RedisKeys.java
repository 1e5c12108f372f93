package io.hipache.driver.redis;

import java.nio.charset.StandardCharsets;

/** The names of what is kept in Redis, behind the prefix of one installation. */
public final class RedisKeys {

    /** Where an active checker leaves the unix time of its last round (hipache-hchecker cache.go); never prefixed. */
    public static final String CHECKER_PING = "hchecker_ping";

    /** Where deaths are announced; never prefixed (Hipache lib/drivers/redis.js). */
    public static final String DEAD_CHANNEL = "dead";

    private final byte[] frontendPrefix;
    private final byte[] deadPrefix;
    private final String prefix;

    public RedisKeys(String prefix) {
        this.prefix = prefix;
        this.frontendPrefix = (prefix + "frontend:").getBytes(StandardCharsets.UTF_8);
        this.deadPrefix = (prefix + "dead:").getBytes(StandardCharsets.UTF_8);
    }

    public String frontend(String name) {
        return prefix + "frontend:" + name;
    }

    public String dead(String host) {
        return prefix + "dead:" + host;
    }

    /** Where the certificate of a host or a wildcard is kept. */
    public String tls(String name) {
        return prefix + "tls:" + name;
    }

    /** What precedes a name in the key of its list. */
    public byte[] frontendPrefix() {
        return frontendPrefix;
    }

    /** What precedes a host in the key of its dead set. */
    public byte[] deadPrefix() {
        return deadPrefix;
    }
}
