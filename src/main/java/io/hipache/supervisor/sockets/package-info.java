/** The listening sockets: binds them, keeps them open, decides which worker accepts from which socket. */
@NullMarked
package io.hipache.supervisor.sockets;

import org.jspecify.annotations.NullMarked;
