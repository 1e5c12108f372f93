/** What the head of a message says about its way: its target, the protocols to switch to, what is for one connection alone. */
@NullMarked
package io.hipache.proxy.exchange.head;

import org.jspecify.annotations.NullMarked;
