package io.hipache.frontends;

/**
 * Somebody asked for what cannot be. The message says why, in one line. What to do about it has other words on the command line
 * than in a request to the admin listener.
 */
public final class InvalidInputException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Remedy remedy;

    /** What to do about it. */
    public enum Remedy {
        NONE("", ""),
        IDENTIFIER("; say its identifier with --id", "; say its identifier as \"identifier\""),
        OTHER_IDENTIFIER("; use set to change it", "; leave \"identifier\" out"),
        FORCE(" (--force writes it all the same, and no request goes there)", "");

        private final String option;
        private final String key;

        Remedy(String option, String key) {
            this.option = option;
            this.key = key;
        }
    }

    public InvalidInputException(String message) {
        this(message, Remedy.NONE);
    }

    public InvalidInputException(String message, Remedy remedy) {
        super(message, null, false, false);
        this.remedy = remedy;
    }

    /** The same about a part of something larger, which these words name. */
    public InvalidInputException in(String whole) {
        return new InvalidInputException(whole + ": " + getMessage(), remedy);
    }

    /** The message with what to do, in options of commands. */
    public String forCommandLine() {
        return getMessage() + remedy.option;
    }

    /** The message with what to do, in keys of an order to the admin listener. */
    public String forRequest() {
        return getMessage() + remedy.key;
    }
}
