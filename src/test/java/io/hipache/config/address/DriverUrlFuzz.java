package io.hipache.config.address;

import java.nio.charset.StandardCharsets;

/**
 * A driver URL. It can be read, and what is written of it is read as the same; or it is a {@link BadUrl}. What a log line
 * shows does not depend on the password.
 */
public final class DriverUrlFuzz {
    private DriverUrlFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        DriverUrl url;
        try {
            url = DriverUrls.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (BadUrl e) {
            if (String.valueOf(e.getMessage()).isBlank()) {
                throw new AssertionError("says nothing", e);
            }
            return;
        }
        requireSameWhenRead(url, DriverUrlText.full(url));
        if (url.password() != null) {
            DriverUrl other = new DriverUrl(url.address(), url.user(), "another", url.database(), url.prefix());
            if (!url.toString().equals(other.toString())) {
                throw new AssertionError("depends on the password: " + url);
            }
        }
    }

    private static void requireSameWhenRead(DriverUrl url, String written) {
        try {
            DriverUrl again = DriverUrls.parse(written);
            if (!again.equals(url)) {
                throw new AssertionError(written + " is read as " + DriverUrlText.full(again));
            }
        } catch (BadUrl e) {
            throw new AssertionError("what was written cannot be read: " + written, e);
        }
    }
}
