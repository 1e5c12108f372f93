/** Transport choice, name resolution off the event loop, pausing a channel. */
@NullMarked
package io.hipache.net;

import org.jspecify.annotations.NullMarked;
