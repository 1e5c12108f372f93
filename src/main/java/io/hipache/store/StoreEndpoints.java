package io.hipache.store;

import io.hipache.config.HipacheConfig;
import io.hipache.config.KeyFiles;
import io.hipache.config.address.DriverAddress;
import io.hipache.config.address.DriverUrl;
import io.hipache.driver.redis.RedisAddress;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the store is, as the key {@code driver} says it. Workers and tools read the key in this one way.
 *
 * @param read the server of the first URL; its prefix is used on both servers
 * @param write the server of the last URL, the same when there is only one
 */
public record StoreEndpoints(RedisEndpoint read, RedisEndpoint write) {

    public static StoreEndpoints of(HipacheConfig config) {
        Translation translation = new Translation(config.files());
        List<DriverUrl> urls = config.drivers();
        boolean two = urls.size() > 1;
        RedisEndpoint read = translation.endpoint(urls.get(0), two);
        return new StoreEndpoints(read, two ? translation.endpoint(urls.get(1), false) : read);
    }

    /** The names of the keys on both servers. */
    public RedisKeys keys() {
        return new RedisKeys(read.prefix());
    }

    /** Puts the contents of the files of authorities in the place of their names. */
    private record Translation(KeyFiles files) {

        /** @param replica whether this endpoint is only read, so that Sentinel may choose a replica */
        RedisEndpoint endpoint(DriverUrl url, boolean replica) {
            return new RedisEndpoint(
                    address(url.address(), replica), url.user(), url.password(), url.database(), url.prefix());
        }

        private RedisAddress address(DriverAddress address, boolean replica) {
            if (address instanceof DriverAddress.UnixSocket socket) {
                return new RedisAddress.UnixSocket(socket.path().toString());
            }
            if (address instanceof DriverAddress.Sentinels sentinels) {
                return new RedisAddress.Sentinels(
                        sentinels.sentinels().stream().map(this::server).toList(), sentinels.master(), replica);
            }
            return server((DriverAddress.Server) address);
        }

        private RedisAddress.Tcp server(DriverAddress.Server server) {
            return new RedisAddress.Tcp(server.host(), server.port(), tls(server.tls()));
        }

        private @Nullable RedisTls tls(DriverAddress.@Nullable Tls tls) {
            if (tls == null) {
                return null;
            }
            return new RedisTls(tls.verify(), tls.ca() == null ? null : files.text(tls.ca()));
        }
    }
}
