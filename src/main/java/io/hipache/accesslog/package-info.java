/** The formats of the access log, and where the logs go. */
@NullMarked
package io.hipache.accesslog;

import org.jspecify.annotations.NullMarked;
