/** The messages for the administrator: what a line may hold, and how many lines of one kind there may be. */
@NullMarked
package io.hipache.messages;

import org.jspecify.annotations.NullMarked;
