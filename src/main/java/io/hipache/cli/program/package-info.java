/** The commands that ask the running program. */
@NullMarked
package io.hipache.cli.program;

import org.jspecify.annotations.NullMarked;
