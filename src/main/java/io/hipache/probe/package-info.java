/** One request to a backend, which finds out whether it is well: for active checks and for {@code hipache check}. */
@NullMarked
package io.hipache.probe;

import org.jspecify.annotations.NullMarked;
