package io.hipache.figures;

/** The first digit of a status. */
public enum StatusClass {
    /** The request got no answer. */
    NONE("none"),
    INFORMATIONAL("1xx"),
    SUCCESS("2xx"),
    REDIRECTION("3xx"),
    CLIENT_ERROR("4xx"),
    SERVER_ERROR("5xx");

    private static final StatusClass[] ALL = values();
    static final int NUMBER = ALL.length;

    private final String label;

    StatusClass(String label) {
        this.label = label;
    }

    static StatusClass of(int status) {
        int digit = status / 100;
        return digit > 0 && digit < NUMBER ? ALL[digit] : NONE;
    }

    /** Such as {@code 2xx}. */
    public String label() {
        return label;
    }
}
