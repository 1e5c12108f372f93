/** HTTP/1.1 on the wire (RFC 9112). Heads, framing and bodies are parsed strictly and written back as they came. */
@NullMarked
package io.hipache.http;

import org.jspecify.annotations.NullMarked;
