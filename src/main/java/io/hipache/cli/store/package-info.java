/** The commands that ask or change the store. */
@NullMarked
package io.hipache.cli.store;

import org.jspecify.annotations.NullMarked;
