/** What operators do with frontends: list, explain, change. For the command line and for a dashboard. */
@NullMarked
package io.hipache.frontends;

import org.jspecify.annotations.NullMarked;
