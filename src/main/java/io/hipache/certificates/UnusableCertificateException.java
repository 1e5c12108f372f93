package io.hipache.certificates;

/** A pair is of no use. Its message is for the log: it tells nothing of the key. */
public final class UnusableCertificateException extends Exception {

    private static final long serialVersionUID = 1L;

    public UnusableCertificateException(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
