package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/** A TLS client that asks for a host by name (SNI) and trusts every certificate. */
public final class SniClient {
    private final SSLContext tls = TestTls.newContext();
    private final int port;

    /** The certificate that the server showed, and the version of TLS. */
    public record Shown(String commonName, String protocol) {}

    public SniClient(int port) {
        this.port = port;
    }

    /** The common name of the certificate that a new client is shown. */
    public static String shown(int port, @Nullable String name) {
        return new SniClient(port).asks(name, "TLSv1.3").commonName();
    }

    /** Connects and has one request answered. */
    public Shown asks(@Nullable String name, String protocol) {
        return asks(name == null ? null : new SNIHostName(name), protocol);
    }

    /** Like {@link #asks(String, String)}, but the name may be any bytes. */
    public Shown asksForBytes(byte[] name, String protocol) {
        return asks(new SNIServerName(StandardConstants.SNI_HOST_NAME, name) {}, protocol);
    }

    private Shown asks(@Nullable SNIServerName name, String protocol) {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
                SSLSocket socket =
                        (SSLSocket) tls.getSocketFactory().createSocket(plain, "the.same.peer", port, true)) {
            plain.setSoTimeout((int) Patience.LIMIT.toMillis());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(name == null ? List.of() : List.of(name));
            parameters.setProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            SSLSession session = socket.getSession();
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            String subject = certificate.getSubjectX500Principal().getName();
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: __ping__\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            if (socket.getInputStream().readAllBytes().length == 0) {
                throw new AssertionError("no answer");
            }
            return new Shown(subject.substring("CN=".length()), session.getProtocol());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
