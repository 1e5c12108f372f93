package io.hipache.driver.redis;

import org.jspecify.annotations.Nullable;

/**
 * TLS towards a Redis server.
 *
 * @param verify whether the server must have a certificate for its host, from a trusted authority
 * @param ca the trusted authorities, in PEM; null for those that the Java runtime trusts
 */
public record RedisTls(boolean verify, @Nullable String ca) {}
