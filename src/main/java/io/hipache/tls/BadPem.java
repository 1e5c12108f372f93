package io.hipache.tls;

/** What is wrong with a key or certificate: a predicate to stand behind the name of its file. It shows no secret. */
public final class BadPem extends Exception {
    private static final long serialVersionUID = 1L;

    BadPem(String predicate) {
        super(predicate);
    }

    BadPem(String predicate, Throwable cause) {
        super(predicate, cause);
    }

    /** As in {@code holds no private key in PEM form}. */
    public String predicate() {
        return String.valueOf(getMessage());
    }
}
