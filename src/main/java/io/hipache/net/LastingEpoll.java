package io.hipache.net;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's epoll, where a connection stays that waits for nothing. So does one whose other side has ended its output, while
 * nothing is to be sent or nothing is to be read: then Netty 4.2 takes it out of epoll and forgets that it did. As soon as the
 * connection waits for something again, such as room for the rest of an answer, epoll does not know it (ENOENT), and Netty
 * closes it.
 *
 * <p>Here it stays, and epoll tells of its end alone: by an edge, because an end lasts. The {@link EventClock} is set here as well.
 *
 * <p>The kernel is told what a connection waits for once, before the loop waits, and not at each change. Whoever passes on a
 * large body stops reading for as long as a piece is being written, often within one event: that costs no system call.
 */
final class LastingEpoll implements IoHandler {
    /** The event that both halves of a connection have ended, which the kernel tells unasked. Netty does not know it. */
    private static final int EPOLLHUP = 0x10;

    private static final Logger log = LoggerFactory.getLogger(LastingEpoll.class);

    private final IoHandler epoll;

    /** Whose wishes have changed since the loop waited. */
    private final Queue<Registration> changed = new ArrayDeque<>();

    /** @param epoll of Netty, for this loop alone */
    LastingEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new LastingEpoll(factory.newHandler(executor));
            }

            @Override
            public boolean isChangingThreadSupported() {
                return factory.isChangingThreadSupported();
            }
        };
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        Handle lasting = new Handle((EpollIoHandle) handle);
        return new Registration(epoll.register(lasting), lasting);
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        for (Registration next = changed.poll(); next != null; next = changed.poll()) {
            next.tell();
        }
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }

    /** What Netty's channel says to epoll. */
    private final class Registration implements IoRegistration {
        private final IoRegistration registration;
        private final Handle handle;
        /** What the kernel knows. */
        private EpollIoOps told = EpollIoOps.NONE;
        /** What the kernel is to know when the loop waits next. */
        private EpollIoOps wanted = EpollIoOps.NONE;

        private boolean isQueued;

        Registration(IoRegistration registration, Handle handle) {
            this.registration = registration;
            this.handle = handle;
        }

        @Override
        public long submit(IoOps ops) {
            if (!isValid()) {
                return -1;
            }
            handle.waits = !EpollIoOps.NONE.equals(ops);
            wanted = handle.waits ? (EpollIoOps) ops : EpollIoOps.EPOLLET;
            if (!isQueued) {
                isQueued = true;
                changed.add(this);
            }
            return wanted.value();
        }

        private void tell() {
            isQueued = false;
            if (wanted.equals(told)) {
                return;
            }
            try {
                registration.submit(wanted);
                told = wanted;
            } catch (UncheckedIOException e) {
                // as Netty does where it is told at once: without the kernel this connection would hang
                log.debug("cannot wait for a connection: {}", e.toString());
                handle.close();
            }
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty has it so
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            if (isQueued && EpollIoOps.NONE.equals(told)) {
                // Netty takes it out of epoll, and makes an exception for what is not there
                tell();
            }
            return registration.cancel();
        }
    }

    /** What epoll says to Netty's channel. */
    private static final class Handle implements EpollIoHandle {
        private final EpollIoHandle channel;
        /** Whether the channel wants to know of anything. */
        private boolean waits = true;

        Handle(EpollIoHandle channel) {
            this.channel = channel;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            EventClock clock = EventClock.ofThread();
            clock.eventBegins();
            try {
                boolean waited = waits;
                channel.handle(registration, event);
                if (!waited && isEnd(event) && isReadToItsEnd()) {
                    // Netty does nothing here, and would notice a reset only when it writes
                    close();
                }
            } finally {
                clock.eventEnds();
            }
        }

        private static boolean isEnd(IoEvent event) {
            return (((EpollIoEvent) event).ops().value() & (EPOLLHUP | EpollIoOps.EPOLLERR.value())) != 0;
        }

        private boolean isReadToItsEnd() {
            return channel.fd() instanceof Socket socket && socket.isOpen() && socket.isInputShutdown();
        }

        @Override
        public FileDescriptor fd() {
            return channel.fd();
        }

        @Override
        public void registered() {
            channel.registered();
        }

        @Override
        public void unregistered() {
            channel.unregistered();
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (Exception e) {
                throw new IllegalStateException("Netty's channels close without an exception", e);
            }
        }
    }
}
