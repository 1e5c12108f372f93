package io.hipache.testing;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** TLS over the blocking sockets of tests: the JDK's own, with the key and certificate of the test resources. */
public final class TestTls {
    public static final Path KEY = Path.of("src/test/resources/tls/ssl.key");
    public static final Path CERT = Path.of("src/test/resources/tls/ssl.crt");

    private static final SSLContext CONTEXT = create();

    private TestTls() {}

    /** A context that trusts every certificate. */
    static SSLContext context() {
        return CONTEXT;
    }

    /** Performs the handshake as a client that trusts every certificate and offers these protocols, if any. */
    public static Socket asClient(Socket connected, String protocol, String... offered) throws IOException {
        SSLSocket socket = over(connected);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(offered);
        socket.setSSLParameters(parameters);
        socket.setEnabledProtocols(new String[] {protocol});
        socket.startHandshake();
        return socket;
    }

    /** Performs the handshake as a client that trusts every certificate and offers these protocols (RFC 7301). */
    static SSLSocket asClientOf(Socket connected, String... protocols) throws IOException {
        SSLSocket socket = over(connected);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** A context for a client of the JDK, which then trusts every certificate. */
    public static SSLContext trustingAnybody() {
        return CONTEXT;
    }

    /** Prepares the server's side of a handshake, which happens when the first byte is read. */
    static Socket asServer(Socket accepted) throws IOException {
        SSLSocket socket = over(accepted);
        socket.setUseClientMode(false);
        return socket;
    }

    private static SSLSocket over(Socket socket) throws IOException {
        String peer = socket.getInetAddress().getHostAddress();
        return (SSLSocket) CONTEXT.getSocketFactory().createSocket(socket, peer, socket.getPort(), true);
    }

    /** A context that trusts every certificate and has no session yet. */
    static SSLContext newContext() {
        return create();
    }

    private static SSLContext create() {
        char[] noPassword = new char[0];
        try (InputStream pem = Files.newInputStream(CERT)) {
            Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, noPassword);
            store.setKeyEntry("test", privateKey(), noPassword, new Certificate[] {certificate});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, noPassword);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PrivateKey privateKey() throws IOException, GeneralSecurityException {
        String base64 = Files.readString(KEY).replaceAll("-----[A-Z ]+-----", "");
        byte[] encoded = Base64.getMimeDecoder().decode(base64);
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }
}
