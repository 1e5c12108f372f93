package io.hipache.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** The JDK's TLS client. It trusts every certificate and keeps one session for each port. */
final class TlsClient {
    private static final int PATIENCE_MILLIS = 20_000;

    private final SSLContext context;
    private String[] protocols = {"TLSv1.3", "TLSv1.2"};
    private String[] suites = {};
    private String[] alpn = {};
    /** The creation time of the last connection's session. Resuming does not change it. */
    private long creation;

    TlsClient() {
        try {
            context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    TlsClient protocols(String... names) {
        protocols = names;
        return this;
    }

    TlsClient suites(String... names) {
        suites = names;
        return this;
    }

    TlsClient alpn(String... names) {
        alpn = names;
        return this;
    }

    /** Opens a connection, sends a byte each way, and returns the session. */
    ExtendedSSLSession connect(int port) throws IOException {
        try (SSLSocket socket = connected(port)) {
            return (ExtendedSSLSession) socket.getSession();
        }
    }

    /** The protocol that ALPN chose, empty for none. */
    String connectForProtocol(int port) throws IOException {
        try (SSLSocket socket = connected(port)) {
            return socket.getApplicationProtocol();
        }
    }

    /** Whether a new connection resumes the session of the last one. */
    boolean resumes(int port) throws IOException {
        long before = creation;
        return connect(port).getCreationTime() == before;
    }

    private SSLSocket connected(int port) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        plain.setSoTimeout(PATIENCE_MILLIS);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "any.example", 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(protocols);
        parameters.setApplicationProtocols(alpn);
        if (suites.length > 0) {
            parameters.setCipherSuites(suites);
        }
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
            // in TLS 1.3 the ticket arrives after the handshake
            socket.getOutputStream().write('x');
            if (socket.getInputStream().read() != 'x') {
                throw new IOException("no echo");
            }
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        creation = socket.getSession().getCreationTime();
        return socket;
    }
}
