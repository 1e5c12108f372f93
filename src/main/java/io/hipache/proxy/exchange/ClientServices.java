package io.hipache.proxy.exchange;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the exchanges of one client's connection begin with: the services in force at that moment, and who the client is under
 * their settings. A reload changes both while the connection is open. Confined to the event loop.
 */
public final class ClientServices {
    private final Supplier<ProxyServices> current;
    private final Channel channel;
    private final Consumer<Duration> timeoutChanged;
    /** Of the latest request. */
    private ProxySettings settings;

    private ClientIdentity identity;

    /**
     * @param current the services in force
     * @param identity of the client under the settings in force
     * @param timeoutChanged is told the {@code tcpTimeout} when other settings count from a request on
     */
    public ClientServices(
            Supplier<ProxyServices> current,
            Channel channel,
            ClientIdentity identity,
            Consumer<Duration> timeoutChanged) {
        this.current = current;
        this.channel = channel;
        this.identity = identity;
        this.timeoutChanged = timeoutChanged;
        this.settings = current.get().settings();
    }

    /** The services for the next request. From now on their settings count for this client. */
    @SuppressWarnings("ReferenceEquality") // other settings that are equal do no harm, and each request asks this
    public ProxyServices forNextRequest() {
        ProxyServices services = current.get();
        if (services.settings() != settings) {
            settings = services.settings();
            identity = identity.under(settings, channel);
            timeoutChanged.accept(settings.tcpTimeout());
        }
        return services;
    }

    /** The services in force, for what belongs to no request. */
    public ProxyServices now() {
        return current.get();
    }

    /** The settings that count for the latest request. */
    public ProxySettings settings() {
        return settings;
    }

    /** Who the client is under {@link #settings}. */
    public ClientIdentity identity() {
        return identity;
    }
}
