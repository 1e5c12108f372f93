/** Looks up frontends and their dead backends: all look-ups of one turn of the event loop in one command. */
@NullMarked
package io.hipache.driver.lookup;

import org.jspecify.annotations.NullMarked;
