/** How addresses are written in a configuration: IP addresses and blocks of them, and the URLs of the store. */
@NullMarked
package io.hipache.config.address;

import org.jspecify.annotations.NullMarked;
