/** One worker: one event loop, its listeners, its end. */
@NullMarked
package io.hipache.worker;

import org.jspecify.annotations.NullMarked;
