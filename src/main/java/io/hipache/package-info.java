/** The one {@code main}. */
@NullMarked
package io.hipache;

import org.jspecify.annotations.NullMarked;
