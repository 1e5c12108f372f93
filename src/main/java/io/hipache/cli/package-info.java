/** Turns argv and {@code SETTINGS_FLAVOR} into one call. */
@NullMarked
package io.hipache.cli;

import org.jspecify.annotations.NullMarked;
