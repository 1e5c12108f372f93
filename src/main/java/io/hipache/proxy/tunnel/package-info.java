/** What a connection becomes once its backend has switched protocols: bytes in both directions. */
@NullMarked
package io.hipache.proxy.tunnel;

import org.jspecify.annotations.NullMarked;
