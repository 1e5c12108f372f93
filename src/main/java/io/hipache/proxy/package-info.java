/** The way in: from an accepted connection to the protocol that its client speaks. */
@NullMarked
package io.hipache.proxy;

import org.jspecify.annotations.NullMarked;
