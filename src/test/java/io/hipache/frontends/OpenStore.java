package io.hipache.frontends;

import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import io.hipache.testing.TestRedis;
import org.jspecify.annotations.Nullable;

/** Connections to the Redis of a test. */
final class OpenStore {

    private OpenStore() {}

    static StoreConnection of(TestRedis redis, String prefix) throws StoreException {
        return as(null, redis, prefix);
    }

    /** @param user whose password is the same as the name */
    static StoreConnection as(@Nullable String user, TestRedis redis, String prefix) throws StoreException {
        RedisEndpoint endpoint = new RedisEndpoint(new Tcp(redis.host(), redis.port(), null), user, user, 0, prefix);
        return new StoreConnection(new StoreEndpoints(endpoint, endpoint), ClientName.CLI);
    }
}
