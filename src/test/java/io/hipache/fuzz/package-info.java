/** Fuzzing: the targets, their seeds, and the fuzzer that runs them. */
@NullMarked
package io.hipache.fuzz;

import org.jspecify.annotations.NullMarked;
