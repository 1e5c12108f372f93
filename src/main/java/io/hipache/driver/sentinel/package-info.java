/** Asks Redis Sentinel which server is the master or a healthy replica, and follows a failover. */
@NullMarked
package io.hipache.driver.sentinel;

import org.jspecify.annotations.NullMarked;
