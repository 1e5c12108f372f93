package io.hipache.proxy.exchange;

import io.hipache.net.CidrList;
import io.hipache.proxy.exchange.head.RequestIds;
import java.time.Duration;
import java.util.List;

/** Settings for tests of single classes. */
final class Settings {
    private Settings() {}

    static ProxySettings usual() {
        return of(false, DebugHeaders.Audience.TRUSTED);
    }

    static ProxySettings of(boolean forwardedForAppended, DebugHeaders.Audience debugAudience) {
        return new ProxySettings(
                3,
                true,
                false,
                Duration.ZERO,
                Duration.ZERO,
                false,
                CidrList.parse(List.of()),
                forwardedForAppended,
                debugAudience,
                RequestIds.Rule.PASS,
                false,
                new Via("us"),
                "1.0");
    }
}
