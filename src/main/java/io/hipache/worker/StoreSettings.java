package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.driver.RedisSettings;
import io.hipache.driver.copy.CopySettings;
import io.hipache.store.StoreEndpoints;
import java.time.Duration;

/** Translates what the configuration says about the store into the settings of the driver. */
final class StoreSettings {
    private StoreSettings() {}

    static RedisSettings of(HipacheConfig config) {
        StoreEndpoints endpoints = StoreEndpoints.of(config);
        return new RedisSettings(
                endpoints.read(),
                endpoints.write(),
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
}
