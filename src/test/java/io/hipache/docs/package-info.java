/** What the documentation says is what the program does: links, configurations, commands, log lines. */
@NullMarked
package io.hipache.docs;

import org.jspecify.annotations.NullMarked;
