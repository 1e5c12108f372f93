package io.hipache.supervisor.service;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.slots.LifecycleListener;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Reports start, reload and stop to the service manager, which waits for these reports. */
public final class ServiceStatus implements LifecycleListener {
    private final ServiceNotifier notifier;
    private final Supplier<List<String>> urls;
    private final Runnable onComplete;
    private final Consumer<HipacheConfig> onReloaded;

    /**
     * Reports to {@code notifier}, and passes two of the events on.
     *
     * @param urls the URLs that the program listens on
     * @param onComplete called by {@link #complete}
     * @param onReloaded called by {@link #reloaded}
     */
    public ServiceStatus(
            ServiceNotifier notifier,
            Supplier<List<String>> urls,
            Runnable onComplete,
            Consumer<HipacheConfig> onReloaded) {
        this.notifier = notifier;
        this.urls = urls;
        this.onComplete = onComplete;
        this.onReloaded = onReloaded;
    }

    @Override
    public void served() {
        notifier.ready("serving " + String.join(", ", urls.get()));
    }

    @Override
    public void complete() {
        onComplete.run();
    }

    @Override
    public void reloading() {
        notifier.reloading();
    }

    @Override
    public void reloaded(HipacheConfig config) {
        onReloaded.accept(config);
        served();
    }

    @Override
    public void stopping() {
        notifier.stopping();
    }
}
