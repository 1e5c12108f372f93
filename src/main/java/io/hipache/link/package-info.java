/** The messages between the supervisor and its workers, and between two supervisors. */
@NullMarked
package io.hipache.link;

import org.jspecify.annotations.NullMarked;
