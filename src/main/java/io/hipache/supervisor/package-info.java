/** Starts the workers, replaces the dead, forwards signals, owns the listening sockets and the log file. */
@NullMarked
package io.hipache.supervisor;

import org.jspecify.annotations.NullMarked;
