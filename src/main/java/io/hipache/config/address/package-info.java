/** How addresses are written in a configuration: IP addresses and blocks of them, the URLs of the store, log daemons. */
@NullMarked
package io.hipache.config.address;

import org.jspecify.annotations.NullMarked;
