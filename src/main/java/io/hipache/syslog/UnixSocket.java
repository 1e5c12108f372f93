package io.hipache.syslog;

import io.netty.channel.unix.Socket;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The unix datagram socket of a log daemon. Each datagram names the path, so it finds a daemon that has started again. */
final class UnixSocket implements DatagramSocket {
    /** How long a daemon that is busy may take to make room for one datagram. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final String path;
    private final byte[] pathBytes;
    // the JDK has no unix sockets for datagrams
    private final Socket socket = Socket.newSocketDomainDgram();

    UnixSocket(String path) {
        this.path = path;
        this.pathBytes = path.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void send(ByteBuffer datagram) throws IOException {
        long began = System.nanoTime();
        while (!sendNow(datagram)) {
            if (System.nanoTime() - began > PATIENCE_NANOS) {
                throw new IOException(path + " is not read");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Returns false when the daemon has no room now. */
    private boolean sendNow(ByteBuffer datagram) throws IOException {
        try {
            return socket.sendToDomainSocket(datagram, datagram.position(), datagram.limit(), pathBytes) > 0;
        } catch (FileNotFoundException e) {
            throw new IOException("there is no " + path, e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
