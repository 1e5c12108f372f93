/** The listening sockets: bound once, kept open, and which worker accepts from which. */
@NullMarked
package io.hipache.supervisor.sockets;

import org.jspecify.annotations.NullMarked;
