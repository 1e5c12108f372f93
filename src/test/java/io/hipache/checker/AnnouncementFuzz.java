package io.hipache.checker;

import java.nio.charset.StandardCharsets;

/** What anybody may publish. It is ignored, or it is a host, a URL and an index that can be looked for in the store. */
public final class AnnouncementFuzz {
    private AnnouncementFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String message = new String(bytes, StandardCharsets.UTF_8);
        Announcement announcement = Announcement.parse(message);
        if (announcement == null) {
            return;
        }
        String host = announcement.host().written();
        boolean announced = message.strip().startsWith(host + ";") && announcement.index() >= 0;
        Listing listing = new Listing(announcement, host, "", announcement.url());
        boolean isOrigin = listing.origin().matches("https?://[a-z0-9.:_\\[\\]-]+")
                && !listing.authority().isEmpty();
        if (!announced || !isOrigin) {
            throw new AssertionError(announcement + " of " + listing.origin());
        }
    }
}
