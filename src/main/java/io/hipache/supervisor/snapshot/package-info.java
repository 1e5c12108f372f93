/** Keeps what the workers were told by the store, for workers that start while the store is away. */
@NullMarked
package io.hipache.supervisor.snapshot;

import org.jspecify.annotations.NullMarked;
