package io.hipache.tls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes certificates in PEM form. Any thread may call it. */
public final class Certificates {

    private Certificates() {}

    /**
     * All certificates of a file in their order, at least one.
     *
     * @param pem the text of the file
     * @throws BadPem when the file has no certificate, or a damaged one
     */
    public static List<X509Certificate> read(String pem) throws BadPem {
        return read(pem, Integer.MAX_VALUE);
    }

    /** As {@link #read(String)}, but refuses a text with more than {@code most} certificates. */
    static List<X509Certificate> read(String pem, int most) throws BadPem {
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemBlock block : PemBlock.all(pem)) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                if (certificates.size() == most) {
                    throw new BadPem("holds more than " + most + " certificates");
                }
                certificates.add(certificate(block.bytes()));
            }
        }
        if (certificates.isEmpty()) {
            throw new BadPem("holds no certificate in PEM form");
        }
        return certificates;
    }

    private static X509Certificate certificate(byte[] der) throws BadPem {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new BadPem("holds a certificate that is damaged", e);
        }
    }

    /** The text of a file with these certificates. The inverse of {@link #read}. */
    public static String write(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                pem.append(PemBlock.write("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("cannot encode a certificate that was read", e);
            }
        }
        return pem.toString();
    }
}
