/** What is below HTTP: choice of the transport, name resolution off the event loop, pausing and closing of channels. */
@NullMarked
package io.hipache.net;

import org.jspecify.annotations.NullMarked;
