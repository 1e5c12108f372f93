/** What was asked for in the store, in a form that is sent to another process and kept in a file. */
@NullMarked
package io.hipache.snapshot;

import org.jspecify.annotations.NullMarked;
