/** How a request ended: the one record that the access log, debug headers, metrics and an operator read. */
@NullMarked
package io.hipache.outcome;

import org.jspecify.annotations.NullMarked;
