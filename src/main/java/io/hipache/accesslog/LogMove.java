package io.hipache.accesslog;

/** Where a log goes next. The target is open already. Either {@link #make} or {@link #drop} has to be called, once. */
public interface LogMove {
    /** The log stays where it is. */
    LogMove NONE = new LogMove() {
        @Override
        public void make() {}

        @Override
        public void drop() {}
    };

    /** Lines that arrive from now on go to the new target. Does not wait. */
    void make();

    /** Closes the new target. Nothing has changed. */
    void drop();
}
