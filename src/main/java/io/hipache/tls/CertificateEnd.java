package io.hipache.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Until when clients accept a certificate.
 *
 * @param host the first of its hosts, or its subject
 */
public record CertificateEnd(String host, Instant until) implements Comparable<CertificateEnd> {
    private static final Comparator<CertificateEnd> ORDER =
            Comparator.comparing(CertificateEnd::until).thenComparing(CertificateEnd::host);

    /** Written out, see "Records" in CONTRIBUTING.md. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CertificateEnd that && host.equals(that.host) && until.equals(that.until);
    }

    @Override
    public int hashCode() {
        return 31 * host.hashCode() + until.hashCode();
    }

    /**
     * For one certificate.
     *
     * @param validity of its chain
     */
    public static CertificateEnd of(X509Certificate certificate, Validity validity) {
        List<String> hosts = CertificateHosts.of(certificate);
        String host = hosts.isEmpty() ? certificate.getSubjectX500Principal().getName() : hosts.get(0);
        return new CertificateEnd(host, validity.until());
    }

    @Override
    public int compareTo(CertificateEnd other) {
        return ORDER.compare(this, other);
    }
}
