package io.hipache.upstream;

import java.time.Duration;

/**
 * The settings of {@link UpstreamPool}.
 *
 * @param maxSockets open and connecting sockets per backend
 * @param keepAlive whether a connection serves more than one request
 * @param waitTimeout how long a request waits for a free socket, zero for no limit
 */
public record UpstreamSettings(int maxSockets, boolean keepAlive, Duration waitTimeout) {}
