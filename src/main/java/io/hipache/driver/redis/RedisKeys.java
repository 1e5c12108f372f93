package io.hipache.driver.redis;

import java.nio.charset.StandardCharsets;

/** The names of the keys in Redis, with the prefix of one installation. */
public final class RedisKeys {

    /** Holds the unix time of the active checker's last round (hipache-hchecker cache.go). Has no prefix. */
    public static final String CHECKER_PING = "hchecker_ping";

    /** The channel on which dead backends are announced (Hipache lib/drivers/redis.js). Has no prefix. */
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

    /**
     * The set of those backends in {@link #dead} that were marked for failures which one request can cause. No host has a
     * {@code ;}, so this is the dead set of no host; and the rights for {@code dead:*} cover it.
     */
    public String softlyDead(String host) {
        return prefix + "dead:" + host + ";soft";
    }

    /** The hash with the certificate of a host or a wildcard. */
    public String tls(String name) {
        return prefix + "tls:" + name;
    }

    /** What planb's monitor asks the backends of a host, and what tsuru writes for it. */
    public String healthCheck(String host) {
        return prefix + "healthcheck:" + host;
    }

    /** Says which process of the fleet makes the active checks. */
    public String checker() {
        return prefix + "hipache:checker";
    }

    /** The hash in which active checkers say who checks which backend (hipache-hchecker cache.go, which knows no prefix). */
    public String checkedBackends() {
        return prefix + "hchecker";
    }

    /** The part of {@link #frontend} before the name, in bytes. */
    public byte[] frontendPrefix() {
        return frontendPrefix;
    }

    /** The part of {@link #dead} before the host, in bytes. */
    public byte[] deadPrefix() {
        return deadPrefix;
    }
}
