package io.hipache.tls;

/**
 * A key, certificate or OCSP response that cannot be used. The message is a predicate, to be put behind the name of the
 * file. It contains no secret.
 */
public final class BadPem extends Exception {
    private static final long serialVersionUID = 1L;

    BadPem(String predicate) {
        super(predicate);
    }

    BadPem(String predicate, Throwable cause) {
        super(predicate, cause);
    }

    /** What is wrong, as in {@code holds no private key in PEM form}. */
    public String predicate() {
        return String.valueOf(getMessage());
    }
}
