/** The store, the backends and the frontend of {@code --dev}. The Redis is that of a jar, which installations do not have, or one in the PATH. */
@NullMarked
package io.hipache.dev;

import org.jspecify.annotations.NullMarked;
