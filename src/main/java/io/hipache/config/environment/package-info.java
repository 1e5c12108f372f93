/** Gives keys of the configuration the values of environment variables. */
@NullMarked
package io.hipache.config.environment;

import org.jspecify.annotations.NullMarked;
