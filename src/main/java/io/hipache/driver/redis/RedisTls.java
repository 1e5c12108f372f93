package io.hipache.driver.redis;

import org.jspecify.annotations.Nullable;

/**
 * How a Redis server proves who it is.
 *
 * @param verify whether it has to, by a certificate for its host
 * @param ca the authorities to trust, in PEM, null for those that the Java runtime trusts
 */
public record RedisTls(boolean verify, @Nullable String ca) {}
