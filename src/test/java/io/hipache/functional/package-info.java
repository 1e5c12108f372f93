/** What a client, a backend and an administrator see of a worker; real sockets, a real Redis. */
@NullMarked
package io.hipache.functional;

import org.jspecify.annotations.NullMarked;
