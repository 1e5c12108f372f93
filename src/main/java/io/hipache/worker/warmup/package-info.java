/** Requests that a worker sends to itself before it is ready. */
@NullMarked
package io.hipache.worker.warmup;

import org.jspecify.annotations.NullMarked;
