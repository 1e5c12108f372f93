package io.hipache.figures;

/** How a worker is at the moment of its report. */
public enum Gauge {
    /** The index of its slot. */
    SLOT,
    /** How many configurations it has followed: 1 until the first reload. */
    CONFIGURATION,
    RESIDENT_BYTES,
    DIRECT_MEMORY_BYTES,
    /** The longest that a task had to wait for the event loop since the last report. */
    LOOP_LAG_MICROS,
    CLIENTS,
    REQUESTS,
    /** Backends with an open connection. */
    BACKENDS,
    /** Connections to backends, open or connecting. */
    BACKEND_CONNECTIONS,
    IDLE_BACKEND_CONNECTIONS,
    /** Requests that wait for a free connection. */
    WAITING_REQUESTS,
    TUNNELS,
    HEAD_BYTES,
    BODY_BYTES,
    /** 1 while every server of the store is connected and logged in to. */
    STORE_USABLE,
    /** 1 while hosts that are known are answered from memory, because the store is away. */
    STALE_ANSWERS
}
