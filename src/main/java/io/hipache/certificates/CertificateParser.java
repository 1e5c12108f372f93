package io.hipache.certificates;

/**
 * Turns a certificate and its key into the form that TLS uses. Takes milliseconds and may run on any thread.
 *
 * @param <T> a certificate in the form that TLS uses
 */
@FunctionalInterface
public interface CertificateParser<T> {

    /**
     * Parses them.
     *
     * @throws UnusableCertificateException when they cannot be used, with a reason that contains nothing of the key
     */
    T parse() throws UnusableCertificateException;
}
