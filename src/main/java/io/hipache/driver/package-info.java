/** Stores that answer {@link io.hipache.routing.Driver}. */
@NullMarked
package io.hipache.driver;

import org.jspecify.annotations.NullMarked;
