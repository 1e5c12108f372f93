package io.hipache.supervisor;

import io.hipache.config.HipacheConfig;
import java.util.List;
import java.util.function.Supplier;

/** Passes the milestones on to the service manager, which waits for them. */
final class ServiceMilestones implements Milestones {
    private final ServiceNotifier notifier;
    private final Supplier<List<String>> urls;

    /** @param urls what is listened on */
    ServiceMilestones(ServiceNotifier notifier, Supplier<List<String>> urls) {
        this.notifier = notifier;
        this.urls = urls;
    }

    @Override
    public void served() {
        notifier.ready("serving " + String.join(", ", urls.get()));
    }

    @Override
    public void reloading() {
        notifier.reloading();
    }

    @Override
    public void reloaded(HipacheConfig config) {
        served();
    }

    @Override
    public void stopping() {
        notifier.stopping();
    }
}
