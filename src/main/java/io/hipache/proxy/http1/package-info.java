/** The client of an exchange that speaks HTTP/1.1 or 1.0. */
@NullMarked
package io.hipache.proxy.http1;

import org.jspecify.annotations.NullMarked;
