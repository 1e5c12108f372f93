/** What supervisor and worker say to each other, and one supervisor to the next. */
@NullMarked
package io.hipache.link;

import org.jspecify.annotations.NullMarked;
