/** What one line of the access log is, and the file it goes to. */
@NullMarked
package io.hipache.accesslog;

import org.jspecify.annotations.NullMarked;
