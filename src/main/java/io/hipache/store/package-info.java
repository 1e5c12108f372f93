/** A blocking connection to the store, for tools outside of the data path. */
@NullMarked
package io.hipache.store;

import org.jspecify.annotations.NullMarked;
