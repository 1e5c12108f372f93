/** Connections to Redis: addresses and logins, Lettuce on the worker's event loop, commands, and what is logged. */
@NullMarked
package io.hipache.driver.redis;

import org.jspecify.annotations.NullMarked;
