/** Sends lines to a log daemon, as datagrams of RFC 5424. */
@NullMarked
package io.hipache.syslog;

import org.jspecify.annotations.NullMarked;
