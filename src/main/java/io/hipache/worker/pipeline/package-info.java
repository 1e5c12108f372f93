/** What stands between a client's connection and the proxy: TLS, and the choice of HTTP/1.1 or HTTP/2. */
@NullMarked
package io.hipache.worker.pipeline;

import org.jspecify.annotations.NullMarked;
