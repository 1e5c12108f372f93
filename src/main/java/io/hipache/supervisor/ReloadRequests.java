package io.hipache.supervisor;

import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.supervisor.common.Scheduler;

/**
 * Answers {@code hipache reload}, which comes to the socket where this supervisor waits for successors. Passes all other
 * messages on. Called on the event loop.
 */
final class ReloadRequests implements SuccessionLink.Listener {
    private final Reload reload;
    private final SuccessionLink.Listener successors;
    private final Scheduler scheduler;

    ReloadRequests(Reload reload, SuccessionLink.Listener successors, Scheduler scheduler) {
        this.reload = reload;
        this.successors = successors;
        this.scheduler = scheduler;
    }

    @Override
    public void received(SuccessionLink link, SuccessionMessage message) {
        if (message instanceof SuccessionMessage.Reload) {
            // says that this version knows the message
            link.send(new SuccessionMessage.Reloading());
            scheduler.run(() -> reload.run((complete, lines) ->
                    link.send(new SuccessionMessage.Reloaded(complete, lines)).addListener(sent -> link.close())));
        } else {
            successors.received(link, message);
        }
    }

    @Override
    public void closed(SuccessionLink link) {
        successors.closed(link);
    }
}
