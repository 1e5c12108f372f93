/** Tells the service manager (systemd) how far the program is. */
@NullMarked
package io.hipache.supervisor.service;

import org.jspecify.annotations.NullMarked;
