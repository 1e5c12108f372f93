package io.hipache.syslog;

import io.hipache.config.address.SyslogAddress;
import io.hipache.messages.Quantity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log daemon that is reached by UDP. Its name is looked up once a minute. That datagrams do not arrive is only known where
 * the machine says so, and only afterwards.
 */
final class UdpSocket implements DatagramSocket {
    private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);

    private static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** A daemon counts as there again when it has refused nothing for so long. */
    static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private final SyslogAddress.Udp address;
    private @Nullable DatagramChannel channel;
    private long connectedNanos;
    private long refused;
    private long refusedNanos;

    UdpSocket(String name, SyslogAddress.Udp address) {
        this.name = name;
        this.address = address;
    }

    @Override
    public void send(ByteBuffer datagram) throws IOException {
        long now = System.nanoTime();
        DatagramChannel connected = connected(now);
        try {
            connected.write(datagram);
        } catch (PortUnreachableException e) {
            // speaks of a datagram before; this one has not left yet
            if (refused++ == 0) {
                log.error("nobody takes the {} at {}, lines are lost", name, address);
            }
            refusedNanos = now;
            connected.write(datagram);
            return;
        }
        if (refused > 0 && now - refusedNanos > CALM_NANOS) {
            log.warn(
                    "the {} is not refused any more at {}, at least {} lost",
                    name,
                    address,
                    Quantity.of(refused, "line was", "lines were"));
            refused = 0;
        }
    }

    private DatagramChannel connected(long now) throws IOException {
        DatagramChannel present = channel;
        if (present != null && now - connectedNanos < LIFETIME_NANOS) {
            return present;
        }
        InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
        if (resolved.isUnresolved()) {
            if (present != null) {
                connectedNanos = now;
                return present;
            }
            throw new IOException("the name " + address.host() + " is unknown");
        }
        DatagramChannel opened = DatagramChannel.open();
        try {
            opened.connect(resolved);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
        close();
        channel = opened;
        connectedNanos = now;
        return opened;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
