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
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*(?:-(?!----END)[^-]*)*)-----END \\1-----");
    /** A header line of RFC 1421. OpenSSL still writes them: {@code DEK-Info: AES-256-CBC,…}. */
    private static final Pattern HEADER = Pattern.compile("(?m)^([A-Za-z-]+):[ \\t]*([^\\r\\n]*)\\r?$");

    /** All blocks of a file, in their order. */
    static List<PemBlock> all(String text) {
        List<PemBlock> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            blocks.add(new PemBlock(block.group(1), block.group(2)));
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
