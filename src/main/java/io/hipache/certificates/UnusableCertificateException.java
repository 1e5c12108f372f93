package io.hipache.certificates;

/** A certificate or its key cannot be used. The message is for the log and contains nothing of the key. */
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
