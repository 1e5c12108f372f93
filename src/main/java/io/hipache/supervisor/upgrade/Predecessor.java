package io.hipache.supervisor.upgrade;

import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.process.TicketKeyRing;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running supervisor that this one takes over from. It gives its listening sockets, and retires when this supervisor's
 * workers accept from all of them. The methods may be called on any thread except the event loop.
 */
public final class Predecessor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Predecessor.class);

    /** The predecessor may be busy, and may have to bind more sockets first. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static final long CALL_OFF_MILLIS = 1_000;

    private final SuccessionLink link;
    private final Replies replies;
    private final SuccessionMessage.Offer offer;
    private final List<FileDescriptor> descriptors;

    private Predecessor(
            SuccessionLink link, Replies replies, SuccessionMessage.Offer offer, List<FileDescriptor> descriptors) {
        this.link = link;
        this.replies = replies;
        this.offer = offer;
        this.descriptors = descriptors;
    }

    /** The messages of the predecessor. They arrive on the event loop. */
    private static final class Replies implements SuccessionLink.Listener {
        private final CompletableFuture<SuccessionMessage.Offer> offer = new CompletableFuture<>();
        private final CompletableFuture<String> calledOff = new CompletableFuture<>();
        private final CompletableFuture<@Nullable Void> retiring = new CompletableFuture<>();
        private final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
        /** Opens this supervisor's log files again. Completes when these files are open. */
        private final CompletableFuture<Runnable> onReopen = new CompletableFuture<>();

        @Override
        public void received(SuccessionLink link, SuccessionMessage message) {
            if (message instanceof SuccessionMessage.Offer given) {
                offer.complete(given);
            } else if (message instanceof SuccessionMessage.CalledOff end) {
                calledOff.complete(end.reason());
                offer.completeExceptionally(new IOException(end.reason()));
            } else if (message instanceof SuccessionMessage.Retiring) {
                retiring.complete(null);
            } else if (message instanceof SuccessionMessage.Reopen) {
                onReopen.thenAccept(Runnable::run);
            }
        }

        @Override
        public void closed(SuccessionLink link) {
            offer.completeExceptionally(new IOException("it closed the connection"));
            gone.complete(null);
        }
    }

    /**
     * Asks process {@code pid} for its listening sockets, and waits for them.
     *
     * @param sets the number of sockets that this supervisor needs for each address and port
     * @param service whether this process has a service manager
     * @throws StartException when the process does not give its sockets
     */
    public static Predecessor connect(EventLoopGroup group, long pid, int sets, boolean service) throws StartException {
        SuccessionLink link;
        Replies replies = new Replies();
        try {
            link = SuccessionLink.connect(group, pid, replies);
        } catch (IOException e) {
            throw refused(
                    pid,
                    "it is not a supervisor of Hipache that this user can take over from (" + e.getMessage() + ")");
        }
        link.send(new SuccessionMessage.Hello(SuccessionMessage.VERSION, sets, service));
        try {
            SuccessionMessage.Offer offer = replies.offer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (offer.version() != SuccessionMessage.VERSION) {
                throw new IOException(
                        "it uses version " + offer.version() + " of the upgrade protocol, which is not known here");
            }
            return new Predecessor(link, replies, offer, fetch(group, offer));
        } catch (ExecutionException e) {
            link.close();
            throw refused(
                    pid, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        } catch (IOException e) {
            link.close();
            throw refused(pid, String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            link.close();
            throw refused(pid, "it does not answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            link.close();
            throw refused(pid, "interrupted");
        }
    }

    /** Tells process {@code pid} why the successor that it has started cannot even ask for its sockets. Waits until it has heard. */
    public static void refuse(EventLoopGroup group, long pid, String why) {
        Replies replies = new Replies();
        try {
            SuccessionLink link = SuccessionLink.connect(group, pid, replies);
            link.send(new SuccessionMessage.CalledOff(why));
            replies.gone.get(CALL_OFF_MILLIS, TimeUnit.MILLISECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            log.debug("process {} has not heard why it gets no successor: {}", pid, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<FileDescriptor> fetch(EventLoopGroup group, SuccessionMessage.Offer offer) throws IOException {
        Future<List<FileDescriptor>> received = SocketHandover.receive(
                group, offer.handoverAddress(), offer.token(), offer.sockets().size());
        if (!received.awaitUninterruptibly(TIMEOUT.toMillis())) {
            throw new IOException("it does not give its listening sockets");
        }
        if (!received.isSuccess()) {
            throw new IOException(String.valueOf(received.cause().getMessage()), received.cause());
        }
        return received.getNow();
    }

    private static StartException refused(long pid, String why) {
        return new StartException(List.of("cannot take over from process " + pid + ": " + why));
    }

    /**
     * The predecessor's sockets, and those that this configuration needs in addition. Call this once.
     *
     * @throws StartException naming every listener that could not be bound
     */
    public ListeningSockets sockets(HipacheConfig config, EventLoopGroup group) throws StartException {
        List<ListeningSockets.Inherited> inherited = new ArrayList<>();
        for (int i = 0; i < descriptors.size(); i++) {
            SuccessionMessage.Offer.Socket socket = offer.sockets().get(i);
            inherited.add(new ListeningSockets.Inherited(
                    socket.address(), socket.port(), socket.set(), socket.ipv4Too(), descriptors.get(i)));
        }
        return ListeningSockets.inherit(
                inherited, config.listeners(), config.server().workers(), group);
    }

    /** Whether the predecessor's workers can use their store, as far as it says. */
    public boolean isStoreUsable() {
        return offer.storeUsable();
    }

    public TicketKeyRing tickets() {
        return new TicketKeyRing(new WorkerMessage.TicketKeys(offer.ticketKeys()));
    }

    /** Runs {@code task} with the reason when the predecessor calls the upgrade off. */
    public void onCalledOff(Consumer<String> task) {
        replies.calledOff.thenAccept(task);
    }

    /** Runs {@code task} when the predecessor says that log files have been renamed, or has said so already. */
    public void onReopen(Runnable task) {
        replies.onReopen.complete(task);
    }

    /**
     * Lets the predecessor retire. {@code task} runs when it retires or has gone, but not when it has called the upgrade off.
     */
    public void letRetire(Runnable task) {
        link.send(new SuccessionMessage.Complete());
        CompletableFuture.anyOf(replies.retiring, replies.gone).thenRun(() -> {
            if (!replies.calledOff.isDone()) {
                task.run();
            }
        });
    }

    /** Tells the predecessor that the log files have been renamed, because it may still write to them. */
    public void reopenLogs() {
        link.send(new SuccessionMessage.Reopen());
    }

    /** Stops the predecessor as well if it is retiring. Otherwise calls the upgrade off. */
    public void stop() {
        link.send(
                replies.retiring.isDone()
                        ? new SuccessionMessage.Stop()
                        : new SuccessionMessage.CalledOff("the new supervisor was told to stop"));
    }

    /** Waits for the end of a retiring predecessor, because it still serves clients. */
    public void awaitEnd(Duration most) {
        if (replies.retiring.isDone()) {
            try {
                replies.gone.get(most.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                log.warn("{} is still finishing its requests, this one does not wait any longer", link);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Calls the upgrade off, unless the predecessor is retiring already.
     *
     * @return whether the predecessor was told, which logs the reason
     */
    public boolean callOff(String why) {
        if (replies.retiring.isDone()) {
            return false;
        }
        ChannelFuture sent = link.send(new SuccessionMessage.CalledOff(why));
        return sent.awaitUninterruptibly(CALL_OFF_MILLIS) && sent.isSuccess();
    }

    @Override
    public String toString() {
        return link.toString();
    }

    @Override
    public void close() {
        link.close();
    }
}
