package io.hipache.routing;

/**
 * Where a backend listens; two entries of one address are one backend for the connection pool.
 *
 * @param host a name or a literal address, IPv6 without brackets
 */
public record Backend(boolean tls, String host, int port) {}
