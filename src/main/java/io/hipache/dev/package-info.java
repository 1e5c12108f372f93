/** The store, the backends and the frontend of {@code --dev}; never part of an installed program's path. */
@NullMarked
package io.hipache.dev;

import org.jspecify.annotations.NullMarked;
