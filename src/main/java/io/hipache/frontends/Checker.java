package io.hipache.frontends;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The active health checker, such as hipache-hchecker.
 *
 * @param alive whether it owns the dead sets, by the rule of the workers
 * @param seconds since its last sign of life, null when there is none
 */
public record Checker(boolean alive, @Nullable Long seconds) {

    private static final long MAX_AGE = 30;

    public static Checker read(StoreConnection store, Instant now) throws StoreException {
        String ping = store.read(commands -> commands.get(RedisKeys.CHECKER_PING));
        if (ping == null || !ping.strip().matches("-?\\d{1,18}")) {
            return new Checker(false, null);
        }
        long age = now.getEpochSecond() - Long.parseLong(ping.strip());
        return new Checker(age <= MAX_AGE, age);
    }
}
