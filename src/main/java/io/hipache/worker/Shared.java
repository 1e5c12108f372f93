package io.hipache.worker;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A part that several configurations of a worker may use. It is closed after the last of them. Any thread may call it. */
final class Shared<T> {
    private final EventLoop loop;
    private final T part;
    private final Consumer<T> close;
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * A part with one user.
     *
     * @param close called once, on the event loop
     */
    Shared(EventLoop loop, T part, Consumer<T> close) {
        this.loop = loop;
        this.part = part;
        this.close = close;
    }

    T get() {
        return part;
    }

    /** Adds a user. To be called while there is one. */
    Shared<T> retain() {
        users.incrementAndGet();
        return this;
    }

    /** One user does not use it any more. */
    void release() {
        if (users.decrementAndGet() == 0) {
            loop.execute(() -> close.accept(part));
        }
    }
}
