package io.hipache.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One {@code -----BEGIN …-----} of a file (RFC 7468); a file may have several, and any text between them.
 *
 * @param label what stands behind {@code BEGIN}
 * @param text everything up to {@code END}
 */
record PemBlock(String label, String text) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*(?:-(?!----END)[^-]*)*)-----END \\1-----");
    /** RFC 1421's, which OpenSSL still writes: {@code DEK-Info: AES-256-CBC,…}. */
    private static final Pattern HEADER = Pattern.compile("(?m)^([A-Za-z-]+):[ \\t]*([^\\r\\n]*)\\r?$");

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

    byte[] bytes() throws BadPem {
        String base64 = HEADER.matcher(text).replaceAll("").replaceAll("\\s", "");
        try {
            return Base64.getDecoder().decode(base64.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new BadPem("is damaged, its " + label + " is no base64", e);
        }
    }

    /** Without the text, which may be a key. */
    @Override
    public String toString() {
        return "PemBlock[" + label + "]";
    }
}
