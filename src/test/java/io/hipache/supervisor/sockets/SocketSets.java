package io.hipache.supervisor.sockets;

import io.netty.channel.unix.FileDescriptor;
import java.util.List;

/** The sets of {@link ListeningSockets}, each of which has one socket for each listener. */
public final class SocketSets {
    private SocketSets() {}

    /** The sockets of one set, in the order of the listeners. */
    public static List<FileDescriptor> descriptors(ListeningSockets sockets, int set) {
        return sockets.all().stream()
                .filter(socket -> socket.set() == set)
                .map(sockets::descriptor)
                .toList();
    }
}
