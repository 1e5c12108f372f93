package io.hipache.certificates;

/**
 * A certificate from a file.
 *
 * @param label its unique name, also in the log; has a slash, so that no host name equals it
 * @param parser called when the first client asks for the certificate, and again when none has asked for a long time
 * @param <T> a certificate in the form that TLS uses
 */
public record FileCertificate<T>(String label, CertificateParser<T> parser) {}
