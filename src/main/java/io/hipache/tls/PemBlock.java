package io.hipache.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One {@code -----BEGIN …-----} block of a file (RFC 7468). A file may have several, with any text between them.
 *
 * @param label the words behind {@code BEGIN}
 * @param text everything between the two marker lines
 */
record PemBlock(String label, String text) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final Pattern LABEL = Pattern.compile("[A-Z0-9 ]+");
    private static final int LONGEST_LABEL = 40;
    /** A header line of RFC 1421. OpenSSL still writes them: {@code DEK-Info: AES-256-CBC,…}. */
    private static final Pattern HEADER = Pattern.compile("(?m)^([A-Za-z-]+):[ \\t]*([^\\r\\n]*)\\r?$");

    /** All blocks of a file, in their order. Takes time in proportion to the text, whoever wrote it. */
    static List<PemBlock> all(String text) {
        List<PemBlock> blocks = new ArrayList<>();
        int end = -1;
        int from = 0;
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, from)) {
            int labelAt = begin + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelAt);
            int bodyAt = labelEnd + DASHES.length();
            end = end < bodyAt ? text.indexOf(END, bodyAt) : end;
            if (labelEnd < 0 || end < 0) {
                break;
            }
            String label = labelEnd - labelAt <= LONGEST_LABEL ? text.substring(labelAt, labelEnd) : "";
            if (LABEL.matcher(label).matches() && text.startsWith(label + DASHES, end + END.length())) {
                blocks.add(new PemBlock(label, text.substring(bodyAt, end)));
                from = end + END.length() + label.length() + DASHES.length();
            } else {
                from = labelAt;
            }
        }
        return blocks;
    }

    static String write(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** The value of the header line with this name, or null. */
    @Nullable
    String header(String name) {
        Matcher header = HEADER.matcher(text);
        while (header.find()) {
            if (header.group(1).equals(name)) {
                return header.group(2).strip();
            }
        }
        return null;
    }

    /**
     * The decoded content.
     *
     * @throws BadPem when the block is not base64
     */
    byte[] bytes() throws BadPem {
        String base64 = HEADER.matcher(text).replaceAll("").replaceAll("\\s", "");
        try {
            return Base64.getDecoder().decode(base64.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new BadPem("is damaged, its " + label + " is not base64", e);
        }
    }

    /** Leaves out the text, which may be a secret key. */
    @Override
    public String toString() {
        return "PemBlock[" + label + "]";
    }
}
