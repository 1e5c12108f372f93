/** HTTP/2 of a client on the wire: streams and windows, header blocks, and limits for what a client may ask for. */
@NullMarked
package io.hipache.http2;

import org.jspecify.annotations.NullMarked;
