package io.hipache.http;

/** Heads for tests, parsed from the text that would be sent. */
final class Heads {
    private Heads() {}

    /** The fields of a head with these {@code lines}. CRLF is added to each line. */
    static Fields fields(String... lines) {
        return HeadParser.trailers(
                Pieces.bytes(String.join("\r\n", lines) + (lines.length == 0 ? "\r\n" : "\r\n\r\n")));
    }

    static RequestHead request(String line, String... fields) {
        return HeadParser.request(head(line, fields));
    }

    static ResponseHead response(String line, String... fields) {
        return HeadParser.response(head(line, fields), false);
    }

    private static byte[] head(String line, String... fields) {
        StringBuilder head = new StringBuilder(line).append("\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return Pieces.bytes(head.append("\r\n").toString());
    }
}
