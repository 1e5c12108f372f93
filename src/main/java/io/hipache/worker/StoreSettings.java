package io.hipache.worker;

import io.hipache.config.DriverAddress;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.DriverUrl;
import io.hipache.driver.RedisAddress;
import io.hipache.driver.RedisEndpoint;
import io.hipache.driver.RedisSettings;
import io.hipache.driver.RedisTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in the driver's terms what the configuration says of the store. */
final class StoreSettings {
    private StoreSettings() {}

    static RedisSettings of(HipacheConfig config) {
        List<DriverUrl> urls = config.drivers();
        boolean pair = urls.size() > 1;
        return new RedisSettings(
                endpoint(urls.get(0), pair),
                endpoint(urls.get(urls.size() - 1), false),
                RedisSettings.COMMAND_TIMEOUT,
                config.server().deadBackendTtl());
    }

    /** @param replica whether it is only read, which a replica under Sentinel does as well */
    private static RedisEndpoint endpoint(DriverUrl url, boolean replica) {
        return new RedisEndpoint(
                address(url.address(), replica), url.user(), url.password(), url.database(), url.prefix());
    }

    private static RedisAddress address(DriverAddress address, boolean replica) {
        if (address instanceof DriverAddress.UnixSocket socket) {
            return new RedisAddress.UnixSocket(socket.path().toString());
        }
        if (address instanceof DriverAddress.Sentinels sentinels) {
            return new RedisAddress.Sentinels(
                    sentinels.sentinels().stream().map(StoreSettings::server).toList(), sentinels.master(), replica);
        }
        return server((DriverAddress.Server) address);
    }

    private static RedisAddress.Tcp server(DriverAddress.Server server) {
        return new RedisAddress.Tcp(server.host(), server.port(), tls(server.tls()));
    }

    private static @Nullable RedisTls tls(DriverAddress.@Nullable Tls tls) {
        return tls == null ? null : new RedisTls(tls.verify(), tls.ca());
    }
}
