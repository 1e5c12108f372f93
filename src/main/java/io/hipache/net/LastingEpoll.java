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

/**
 * Netty's epoll, where a connection stays that waits for nothing. So does one whose other side has ended its output, while
 * nothing is to be sent or nothing is to be read: then Netty 4.2 takes it out of epoll and forgets that it did. As soon as the
 * connection waits for something again, such as room for the rest of an answer, epoll does not know it (ENOENT), and Netty
 * closes it.
 *
 * <p>Here it stays, and epoll tells of its end alone: by an edge, because an end lasts. The {@link EventClock} is set here as well.
 */
final class LastingEpoll implements IoHandler {
    /** The event that both halves of a connection have ended, which the kernel tells unasked. Netty does not know it. */
    private static final int EPOLLHUP = 0x10;

    private final IoHandler epoll;

    private LastingEpoll(IoHandler epoll) {
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
    private record Registration(IoRegistration registration, Handle handle) implements IoRegistration {
        @Override
        public long submit(IoOps ops) {
            handle.waits = !EpollIoOps.NONE.equals(ops);
            return registration.submit(handle.waits ? ops : EpollIoOps.EPOLLET);
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
