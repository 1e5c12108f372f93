/** What may come in: connections, requests, waiting requests, bytes. */
@NullMarked
package io.hipache.admission;

import org.jspecify.annotations.NullMarked;
