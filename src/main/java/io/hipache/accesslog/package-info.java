/** The format of the access log, and the log files. */
@NullMarked
package io.hipache.accesslog;

import org.jspecify.annotations.NullMarked;
