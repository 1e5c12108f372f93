package io.hipache.worker.memory;

/**
 * What went through a worker and what is there now.
 *
 * @param requests begun since the worker started
 * @param connections accepted since the worker started
 * @param open connections of clients now, tunnels among them
 * @param upstream connections to backends now, open or connecting
 */
public record Traffic(long requests, long connections, int open, int upstream) {}
