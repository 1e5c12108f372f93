package io.hipache.supervisor.admin;

import io.hipache.figures.Figures;

/**
 * What a worker reported last.
 *
 * @param figures its gauges; its counts are in the sum already
 * @param nanos when, as {@link System#nanoTime}
 */
record WorkerState(long pid, long startMillis, Figures figures, long nanos) {}
