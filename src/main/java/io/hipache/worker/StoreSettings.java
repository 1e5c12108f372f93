package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.KeyFiles;
import io.hipache.config.address.DriverAddress;
import io.hipache.config.address.DriverUrl;
import io.hipache.driver.RedisSettings;
import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.redis.RedisAddress;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisTls;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates what the configuration says about the store into the settings of the driver. */
final class StoreSettings {
    private final KeyFiles files;

    private StoreSettings(KeyFiles files) {
        this.files = files;
    }

    static RedisSettings of(HipacheConfig config) {
        StoreSettings settings = new StoreSettings(config.files());
        List<DriverUrl> urls = config.drivers();
        boolean pair = urls.size() > 1;
        return new RedisSettings(
                settings.endpoint(urls.get(0), pair),
                settings.endpoint(urls.get(urls.size() - 1), false),
                RedisSettings.COMMAND_TIMEOUT,
                config.server().deadBackendTtl(),
                config.server().softDeathCap(),
                config.server().maxBackends(),
                copy(config.server()));
    }

    private static CopySettings copy(Server server) {
        return new CopySettings(
                server.cacheTracking(), server.staleIfDown(), Duration.ofMillis(server.settle()), server.cacheBytes());
    }

    /** @param replica whether this endpoint is only read, so that Sentinel may choose a replica */
    private RedisEndpoint endpoint(DriverUrl url, boolean replica) {
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
