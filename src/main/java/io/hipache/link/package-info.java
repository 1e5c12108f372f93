/** What supervisor and worker say to each other. */
@NullMarked
package io.hipache.link;

import org.jspecify.annotations.NullMarked;
