/** The client of an exchange that speaks HTTP/2. */
@NullMarked
package io.hipache.proxy.http2;

import org.jspecify.annotations.NullMarked;
