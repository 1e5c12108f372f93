package io.hipache.driver.redis;

import io.lettuce.core.SslOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Reads the trusted authorities once, before all connections: Lettuce would read them on the event loop for each. */
final class TlsTrust {

    private TlsTrust() {}

    /** @throws IllegalArgumentException when the authorities cannot be read */
    static SslOptions options(RedisTls tls, Duration handshakeTimeout) {
        SslOptions.Builder options = SslOptions.builder()
                .jdkSslProvider()
                .protocols("TLSv1.3", "TLSv1.2")
                .handshakeTimeout(handshakeTimeout);
        if (tls.verify()) {
            options.trustManager(trust(tls.ca()));
        }
        return options.build();
    }

    private static TrustManagerFactory trust(@Nullable String ca) {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(ca == null ? null : keyStore(ca));
            return trust;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("cannot use the authorities of a driver URL: " + e.getMessage(), e);
        }
    }

    private static KeyStore keyStore(String ca) throws IOException, GeneralSecurityException {
        KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null, null);
        try (InputStream pem = new ByteArrayInputStream(ca.getBytes(StandardCharsets.ISO_8859_1))) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                authorities.setCertificateEntry("ca-" + number++, certificate);
            }
        }
        return authorities;
    }
}
