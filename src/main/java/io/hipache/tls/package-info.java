/** TLS: keys and certificates as files have them, cipher suites by name, and what is made of both for Netty. */
@NullMarked
package io.hipache.tls;

import org.jspecify.annotations.NullMarked;
