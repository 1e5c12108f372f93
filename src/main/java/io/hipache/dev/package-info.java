/** The store, the backends and the frontend of {@code --dev}. They are not part of an installation. */
@NullMarked
package io.hipache.dev;

import org.jspecify.annotations.NullMarked;
