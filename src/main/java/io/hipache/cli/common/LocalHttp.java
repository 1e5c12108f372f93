package io.hipache.cli.common;

import io.hipache.messages.Quantity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** One request to a listener of this machine, on a connection of its own, with one time limit for all of it. */
public final class LocalHttp {
    /** An answer of the admin listener for 100,000 hosts has less. */
    private static final int MOST_BYTES = 64 << 20;

    private LocalHttp() {}

    /**
     * What was answered.
     *
     * @param status 0 when it was no HTTP
     */
    public record Answer(int status, String body) {
        static Answer of(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.indexOf("\r\n\r\n");
            boolean http = end > 0 && text.matches("(?s)HTTP/1\\.[01] \\d{3}[ \r].*");
            return http
                    ? new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(end + 4))
                    : new Answer(0, text);
        }
    }

    /**
     * Sends a request and reads until the connection ends.
     *
     * @param request its head, which asks for the end of the connection
     */
    public static Answer ask(SocketAddress address, String request, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        try (SocketChannel channel = open(address);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            if (!channel.connect(address)) {
                while (!channel.finishConnect()) {
                    await(selector, end, limit);
                }
            }
            key.interestOps(SelectionKey.OP_WRITE);
            ByteBuffer rest = ByteBuffer.wrap(bytes(request));
            while (rest.hasRemaining()) {
                if (channel.write(rest) == 0) {
                    await(selector, end, limit);
                }
            }
            key.interestOps(SelectionKey.OP_READ);
            return Answer.of(readAll(channel, selector, end, limit));
        }
    }

    /** As {@link #ask}, by TLS. The certificate is not verified: it names hosts of clients, and not this machine. */
    public static Answer askByTls(InetSocketAddress address, String request, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        try (Socket plain = new Socket()) {
            plain.connect(address, millisUntil(end, limit));
            plain.setSoTimeout(millisUntil(end, limit));
            try (Socket tls = trustingAnybody()
                    .getSocketFactory()
                    .createSocket(plain, address.getHostString(), address.getPort(), true)) {
                tls.getOutputStream().write(bytes(request));
                return Answer.of(readAll(tls, end, limit));
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java speaks no TLS: " + e.getMessage(), e);
        }
    }

    private static SSLContext trustingAnybody() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
        return context;
    }

    private static SocketChannel open(SocketAddress address) throws IOException {
        return address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
    }

    private static byte[] bytes(String request) {
        return request.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] readAll(SocketChannel channel, Selector selector, long end, Duration limit)
            throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        while (all.size() <= MOST_BYTES) {
            int read = channel.read(piece);
            if (read < 0) {
                return all.toByteArray();
            }
            if (read == 0) {
                await(selector, end, limit);
            }
            all.write(piece.array(), 0, piece.position());
            piece.clear();
        }
        throw new IOException("the answer is too long");
    }

    private static byte[] readAll(Socket socket, long end, Duration limit) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[8 << 10];
        InputStream in = socket.getInputStream();
        while (all.size() <= MOST_BYTES) {
            socket.setSoTimeout(millisUntil(end, limit));
            int read = in.read(piece);
            if (read < 0) {
                return all.toByteArray();
            }
            all.write(piece, 0, read);
        }
        throw new IOException("the answer is too long");
    }

    private static void await(Selector selector, long end, Duration limit) throws IOException {
        selector.select(millisUntil(end, limit));
        selector.selectedKeys().clear();
    }

    private static int millisUntil(long end, Duration limit) throws IOException {
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new IOException("no answer within " + Quantity.of(limit.toSeconds(), "second", "seconds"));
        }
        return (int) millis;
    }

    /** It extends {@link X509ExtendedTrustManager}, because Java adds checks of its own to any other one. */
    private static final class TrustsAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
