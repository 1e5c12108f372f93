package io.hipache.driver;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a Redis server proves who it is.
 *
 * @param verify whether it has to, by a certificate for its host
 * @param ca the PEM file of the authorities to trust, null for those that the Java runtime trusts
 */
public record RedisTls(boolean verify, @Nullable Path ca) {}
