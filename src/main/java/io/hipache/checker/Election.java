package io.hipache.checker;

import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * One process of the fleet checks: the one that holds a key of the store, which runs out unless it is renewed. Only who holds it
 * writes {@code hchecker_ping}, the sign of life of an active checker. So nobody claims to check who does not.
 */
final class Election {

    /** How often the key is asked for, or renewed. */
    static final Duration BEAT = Duration.ofSeconds(1);

    /** Longer than a beat and a pause of this process. Another process takes over so long after this one has died. */
    private static final Duration TERM = Duration.ofSeconds(8);

    /**
     * hipache-hchecker has 10 s, and workers believe a ping for 30 s. The two periods differ, so that the ping of another
     * checker is seen here, and does not always fall into the same second.
     */
    private static final Duration PING = Duration.ofSeconds(8);

    private static final long PING_COUNTS_SECONDS = 30;
    private static final Duration OTHERS_COUNT = Duration.ofSeconds(35);

    private static final String HELD = "HELD ";

    private static final String RENEW =
            """
            local holder = redis.call('GET', KEYS[1])
            if holder and holder ~= ARGV[1] then return 'HELD ' .. string.sub(holder, 1, 100) end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return holder and 'RENEWED' or 'ELECTED'
            """;

    private static final String SHOW_LIFE =
            """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'HELD' end
            local before = redis.pcall('GET', KEYS[2])
            redis.call('SET', KEYS[2], ARGV[2])
            return type(before) == 'string' and before or ''
            """;

    /** Leaves the sign of life of another checker alone. */
    private static final String RELEASE =
            """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'HELD' end
            redis.call('DEL', KEYS[1])
            if redis.pcall('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
            return ''
            """;

    private final StoreConnection store;
    private final String owner =
            ClientName.machine() + ":" + ProcessHandle.current().pid() + ":" + UUID.randomUUID();
    private boolean held;
    private String holder = "";
    private long heldUntil;
    private String lastPing = "";
    private long lastPingAt = System.nanoTime() - PING.toNanos();
    private long otherSeenAt = System.nanoTime() - OTHERS_COUNT.toNanos();

    Election(StoreConnection store) {
        this.store = store;
    }

    /** Who checks: machine, process and a random number. Empty before the first {@link #renew}. */
    String holder() {
        return holder;
    }

    /** What the key holds while this process checks. */
    String owner() {
        return owner;
    }

    /** Tries to get or to keep the key; then {@link #isElected} says whether this process has it. */
    void renew() throws StoreException {
        long now = System.nanoTime();
        String outcome = run(RENEW, owner, Long.toString(TERM.toMillis()));
        held = !outcome.startsWith(HELD);
        holder = held ? owner : outcome.substring(HELD.length());
        heldUntil = now + TERM.toNanos();
        if (outcome.equals("ELECTED")) {
            // also when Redis has lost its data
            lastPingAt = now - PING.toNanos();
        }
    }

    /** Says that a checker lives, if it is time to. The proxies then mark nothing themselves. */
    void showLife() throws StoreException {
        long now = System.nanoTime();
        if (now - lastPingAt < PING.toNanos()) {
            return;
        }
        String ping = Long.toString(Instant.now().getEpochSecond());
        String before = run(SHOW_LIFE, owner, ping);
        if (before.equals("HELD")) {
            held = false;
            return;
        }
        if (!before.equals(lastPing) && isRecent(before)) {
            otherSeenAt = now;
        }
        lastPing = ping;
        lastPingAt = now;
    }

    /** Whether nobody else can have the key at this moment. */
    boolean isElected() {
        return held && System.nanoTime() - heldUntil < 0;
    }

    /** Whether another checker, such as hipache-hchecker, has given a sign of life lately. */
    boolean isOtherCheckerAlive() {
        return System.nanoTime() - otherSeenAt < OTHERS_COUNT.toNanos();
    }

    void release() throws StoreException {
        if (held) {
            held = false;
            run(RELEASE, owner, lastPing);
        }
    }

    private String run(String script, String... values) throws StoreException {
        String[] names = {store.keys().checker(), RedisKeys.CHECKER_PING};
        return store.<String>write(commands -> commands.eval(script, ScriptOutputType.VALUE, names, values));
    }

    private static boolean isRecent(String ping) {
        try {
            return Instant.now().getEpochSecond() - Long.parseLong(ping.strip()) <= PING_COUNTS_SECONDS;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
