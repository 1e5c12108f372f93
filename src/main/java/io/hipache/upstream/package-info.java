/** Connections to backends: take, queue, connect, give back. */
@NullMarked
package io.hipache.upstream;

import org.jspecify.annotations.NullMarked;
