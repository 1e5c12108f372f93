/** One request from its head to its end, whatever protocol its client and its backend speak. */
@NullMarked
package io.hipache.proxy.exchange;

import org.jspecify.annotations.NullMarked;
