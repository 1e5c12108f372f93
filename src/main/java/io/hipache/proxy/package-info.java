/** One HTTP exchange, from its first byte to its access-log line. */
@NullMarked
package io.hipache.proxy;

import org.jspecify.annotations.NullMarked;
