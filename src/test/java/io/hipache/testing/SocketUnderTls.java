package io.hipache.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/**
 * The TCP socket of a client that speaks TLS. It can stay open behind TLS's goodbye, and send several records as one segment.
 * Used by one thread.
 */
final class SocketUnderTls extends Socket {
    private boolean open;
    private boolean gathering;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

    /** Connects to a port of 127.0.0.1. */
    SocketUnderTls(int port) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
        setSoTimeout((int) Patience.LIMIT.toMillis());
        setTcpNoDelay(true);
    }

    /** From now on TLS's goodbye ends nothing here. */
    void stayOpen() {
        open = true;
    }

    /** Keeps back what is written until {@link #sendGathered}. */
    void gather() {
        gathering = true;
    }

    void sendGathered() throws IOException {
        gathering = false;
        super.getOutputStream().write(gathered.toByteArray());
        gathered.reset();
    }

    /** Ends the output where {@code end} does. */
    void finish(OutputEnd end) throws IOException {
        if (end != OutputEnd.GOODBYE) {
            super.shutdownOutput();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (!open) {
            super.shutdownOutput();
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                if (gathering) {
                    gathered.write(bytes, from, count);
                } else {
                    out.write(bytes, from, count);
                }
            }
        };
    }
}
