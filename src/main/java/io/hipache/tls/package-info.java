/** TLS: reading keys and certificates from files, cipher suites by name, and contexts for Netty. */
@NullMarked
package io.hipache.tls;

import org.jspecify.annotations.NullMarked;
