package io.hipache.figures;

/** The protocol of a request. */
enum ProtocolLabel {
    NONE("none"),
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2.0");

    static final int NUMBER = values().length;

    private final String label;

    ProtocolLabel(String label) {
        this.label = label;
    }

    static ProtocolLabel of(String protocol) {
        return switch (protocol) {
            case "HTTP/1.1" -> HTTP_1_1;
            case "HTTP/2.0", "HTTP/2" -> HTTP_2;
            case "HTTP/1.0" -> HTTP_1_0;
            default -> NONE;
        };
    }

    String label() {
        return label;
    }
}
