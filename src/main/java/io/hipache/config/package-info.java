/** Reads JSON, upgrades old keys, fills in defaults and lists every problem at once. */
@NullMarked
package io.hipache.config;

import org.jspecify.annotations.NullMarked;
