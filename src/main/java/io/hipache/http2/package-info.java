/** HTTP/2 of a client on the wire: streams and their windows, header blocks, and how much of it a client may ask for. */
@NullMarked
package io.hipache.http2;

import org.jspecify.annotations.NullMarked;
