/** Checks backends that Hipache has announced as dead, in one supervisor of the fleet, and marks them. */
@NullMarked
package io.hipache.checker;

import org.jspecify.annotations.NullMarked;
