/** The memory of a worker: when to collect garbage, and when to ask for a replacement. */
@NullMarked
package io.hipache.worker.memory;

import org.jspecify.annotations.NullMarked;
