/** Reads one JSON object after the other, and collects every problem, every warning and every unknown key. */
@NullMarked
package io.hipache.config.json;

import org.jspecify.annotations.NullMarked;
