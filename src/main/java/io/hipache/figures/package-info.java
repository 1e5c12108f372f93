/** What a worker counts, and how it is told to the supervisor, which adds it up. */
@NullMarked
package io.hipache.figures;

import org.jspecify.annotations.NullMarked;
