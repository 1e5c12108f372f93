/** Tells the service manager (systemd) whether the program is starting, ready, reloading or stopping. */
@NullMarked
package io.hipache.supervisor.service;

import org.jspecify.annotations.NullMarked;
