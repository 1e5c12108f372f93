package io.hipache.certificates;

/** Makes of a pair what TLS is spoken with. Takes milliseconds, suits any thread. */
@FunctionalInterface
public interface CertificateParser<T> {

    /**
     * Parses one pair.
     *
     * @throws UnusableCertificateException when the pair is of no use, with a reason that tells nothing of the key
     */
    T parse(PemPair pair) throws UnusableCertificateException;
}
