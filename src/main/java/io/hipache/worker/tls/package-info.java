/** TLS of a worker: its contexts, made when they are first needed, and the certificate that each client is shown. */
@NullMarked
package io.hipache.worker.tls;

import org.jspecify.annotations.NullMarked;
