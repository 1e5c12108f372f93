/** Pure policy: from a Host header and the rows of the store to a backend or a reason; no Netty, no Lettuce. */
@NullMarked
package io.hipache.routing;

import org.jspecify.annotations.NullMarked;
