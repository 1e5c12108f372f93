package io.hipache.syslog;

import io.hipache.config.address.SyslogAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each line to a log daemon as one message of RFC 5424. Confined to one thread, once it is open. */
public final class SyslogSender {
    private static final Logger log = LoggerFactory.getLogger(SyslogSender.class);

    /** A longer line is cut off. A receiver takes 2 KiB and usually 8 KiB (RFC 5424 §6.1). */
    static final int LONGEST_DATAGRAM = 8 << 10;

    private static final int LOCAL0 = 16;
    private static final int INFORMATIONAL = 6;
    private static final int LONGEST_HOSTNAME = 255;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final DatagramSocket socket;
    private final String source;
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(LONGEST_DATAGRAM);

    private SyslogSender(DatagramSocket socket) {
        this.socket = socket;
        this.source = " " + hostname() + " hipache " + ProcessHandle.current().pid() + " access - ";
    }

    /**
     * Prepares to send. The daemon need not be there yet.
     *
     * @param name of the log in messages
     */
    public static SyslogSender open(String name, SyslogAddress address) {
        if (address instanceof SyslogAddress.Unix unix) {
            if (!Files.exists(Path.of(unix.path()))) {
                log.warn("WARNING! there is no {}, the lines of the {} are lost until there is one", unix.path(), name);
            }
            return new SyslogSender(new UnixSocket(unix.path()));
        }
        return new SyslogSender(new UdpSocket(name, (SyslogAddress.Udp) address));
    }

    /**
     * Sends all lines. On failure, the position of {@code lines} tells how many were sent.
     *
     * @throws IOException with a message for the administrator
     */
    public void send(ByteBuffer lines) throws IOException {
        if (!lines.hasRemaining()) {
            return;
        }
        byte[] header = ("<" + (8 * LOCAL0 + INFORMATIONAL) + ">1 " + TIME.format(Instant.now()) + source)
                .getBytes(StandardCharsets.US_ASCII);
        while (lines.hasRemaining()) {
            int start = lines.position();
            int end = start;
            while (end < lines.limit() && lines.get(end) != '\n') {
                end++;
            }
            datagram.clear().put(header);
            datagram.put(lines.slice(start, Math.min(end - start, datagram.remaining())));
            socket.send(datagram.flip());
            lines.position(Math.min(end + 1, lines.limit()));
        }
    }

    public void close() throws IOException {
        socket.close();
    }

    private static String hostname() {
        try {
            String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            boolean printable = name.chars().allMatch(c -> c > ' ' && c <= '~');
            return printable && !name.isEmpty() && name.length() <= LONGEST_HOSTNAME ? name : "-";
        } catch (IOException e) {
            return "-";
        }
    }
}
