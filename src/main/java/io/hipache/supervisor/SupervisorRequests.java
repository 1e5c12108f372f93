package io.hipache.supervisor;

import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.supervisor.common.Asker;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.upgrade.Successors;

/**
 * Answers {@code hipache reload} and {@code hipache upgrade}, which come to the socket where this supervisor waits for
 * successors. Passes all other messages on. Called on the event loop.
 */
final class SupervisorRequests implements SuccessionLink.Listener {
    private final Reload reload;
    private final Successors successors;
    private final Scheduler scheduler;

    SupervisorRequests(Reload reload, Successors successors, Scheduler scheduler) {
        this.reload = reload;
        this.successors = successors;
        this.scheduler = scheduler;
    }

    @Override
    public void received(SuccessionLink link, SuccessionMessage message) {
        if (message instanceof SuccessionMessage.Reload) {
            Asker asker = begin(link);
            scheduler.run(() -> reload.run(asker));
        } else if (message instanceof SuccessionMessage.Upgrade) {
            Asker asker = begin(link);
            scheduler.run(() -> successors.startUpgrade(asker));
        } else {
            successors.received(link, message);
        }
    }

    /** Says that this version knows the request. The result tells the end. */
    private static Asker begin(SuccessionLink link) {
        link.send(new SuccessionMessage.Begun());
        return (complete, lines) ->
                link.send(new SuccessionMessage.Ended(complete, lines)).addListener(sent -> link.close());
    }

    @Override
    public void closed(SuccessionLink link) {
        successors.closed(link);
    }
}
