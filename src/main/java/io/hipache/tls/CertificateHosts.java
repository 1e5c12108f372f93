package io.hipache.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The hosts that a certificate is issued for. */
public final class CertificateHosts {

    private static final int DNS_NAME = 2;

    private CertificateHosts() {}

    /**
     * The DNS names of the certificate (RFC 5280 §4.2.1.6), unchanged. A certificate without any alternative name is
     * old: its host is in the common name, so that name is returned.
     */
    public static List<String> of(X509Certificate certificate) {
        Collection<List<?>> names = alternativeNames(certificate);
        if (names.isEmpty()) {
            return commonNames(certificate);
        }
        List<String> hosts = new ArrayList<>();
        for (List<?> name : names) {
            if (Integer.valueOf(DNS_NAME).equals(name.get(0))) {
                hosts.add(String.valueOf(name.get(1)));
            }
        }
        return hosts;
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static List<String> commonNames(X509Certificate certificate) {
        List<String> hosts = new ArrayList<>();
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    hosts.add(String.valueOf(part.getValue()));
                }
            }
        } catch (InvalidNameException e) {
            return List.of();
        }
        return hosts;
    }
}
