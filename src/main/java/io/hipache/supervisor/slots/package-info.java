/** Keeps one worker in every slot: starts, replaces, renews and ends them. */
@NullMarked
package io.hipache.supervisor.slots;

import org.jspecify.annotations.NullMarked;
