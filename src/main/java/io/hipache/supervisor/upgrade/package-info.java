/** An upgrade in place: a new supervisor takes over from the running one. */
@NullMarked
package io.hipache.supervisor.upgrade;

import org.jspecify.annotations.NullMarked;
