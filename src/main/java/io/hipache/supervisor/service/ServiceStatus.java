package io.hipache.supervisor.service;

import io.hipache.supervisor.slots.LifecycleListener;
import java.util.List;
import java.util.function.Supplier;

/** Reports start, reload and stop to the service manager, which waits for these reports. */
public final class ServiceStatus implements LifecycleListener {
    private final ServiceNotifier notifier;
    private final Supplier<List<String>> urls;
    private final Runnable onComplete;
    private boolean served;

    /**
     * Reports to {@code notifier}, and passes one of the events on.
     *
     * @param urls the URLs that the program listens on
     * @param onComplete called by {@link #complete}
     */
    public ServiceStatus(ServiceNotifier notifier, Supplier<List<String>> urls, Runnable onComplete) {
        this.notifier = notifier;
        this.urls = urls;
        this.onComplete = onComplete;
    }

    @Override
    public void served() {
        served = true;
        notifier.ready("serving " + String.join(", ", urls.get()));
    }

    @Override
    public void complete() {
        onComplete.run();
    }

    /** A reload begins. {@link #reloaded} follows in any case, because the service manager waits for it. */
    public void reloading() {
        if (served) {
            notifier.reloading();
        }
    }

    /** A reload is over, or was refused. */
    public void reloaded() {
        if (served) {
            served();
        }
    }

    @Override
    public void stopping() {
        served = false;
        notifier.stopping();
    }
}
