/** Keeps one worker in every slot: starts, replaces, renews and stops the workers. */
@NullMarked
package io.hipache.supervisor.slots;

import org.jspecify.annotations.NullMarked;
