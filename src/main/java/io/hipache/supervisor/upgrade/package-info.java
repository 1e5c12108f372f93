/** An upgrade in place: one supervisor takes over from another. */
@NullMarked
package io.hipache.supervisor.upgrade;

import org.jspecify.annotations.NullMarked;
