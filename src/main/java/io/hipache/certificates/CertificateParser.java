package io.hipache.certificates;

/**
 * Makes of a certificate and its key what TLS is spoken with. Takes milliseconds, suits any thread.
 *
 * @param <T> what TLS is spoken with
 */
@FunctionalInterface
public interface CertificateParser<T> {

    /**
     * Parses them.
     *
     * @throws UnusableCertificateException when they are of no use, with a reason that tells nothing of the key
     */
    T parse() throws UnusableCertificateException;
}
