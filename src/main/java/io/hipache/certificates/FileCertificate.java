package io.hipache.certificates;

/**
 * A certificate that a file holds.
 *
 * @param label what it is called in the log, of its own for each; with a slash, which no host name has
 * @param parser called when the first client asks for it, and again when it was not asked for in a long time
 * @param <T> what TLS is spoken with
 */
public record FileCertificate<T>(String label, CertificateParser<T> parser) {}
