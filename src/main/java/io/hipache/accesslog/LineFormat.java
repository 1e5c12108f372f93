package io.hipache.accesslog;

import io.hipache.outcome.ExchangeEnd;

/**
 * How the end of a request is written as one line. Called once per request, so it makes as few objects as it can. Confined to
 * one thread.
 */
public interface LineFormat {

    /** Appends the line of {@code end}, with its line feed. */
    void append(ExchangeEnd end, LineBuffer line);
}
