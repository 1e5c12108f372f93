package io.hipache.supervisor.service;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.slots.LifecycleListener;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Passes the milestones on to the service manager, which waits for them. */
public final class ServiceStatus implements LifecycleListener {
    private final ServiceNotifier notifier;
    private final Supplier<List<String>> urls;
    private final Runnable onComplete;
    private final Consumer<HipacheConfig> onReloaded;

    /**
     * Needs what it is to tell, and whom else.
     *
     * @param urls what is listened on
     * @param onComplete told as {@link #complete} is
     * @param onReloaded told as {@link #reloaded} is
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
