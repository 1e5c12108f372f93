/** One worker as a child process: its command line, its rights, its pipes, its log messages. */
@NullMarked
package io.hipache.supervisor.process;

import org.jspecify.annotations.NullMarked;
