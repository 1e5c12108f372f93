/** Starts the supervisor: puts its parts together, obeys the signals, reloads the configuration. */
@NullMarked
package io.hipache.supervisor;

import org.jspecify.annotations.NullMarked;
