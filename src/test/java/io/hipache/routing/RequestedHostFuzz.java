package io.hipache.routing;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A Host field. It is refused with a reason, or it is a name that can stand in a key of the store. */
public final class RequestedHostFuzz {
    private RequestedHostFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        RequestedHost host = RequestedHost.of(new String(bytes, StandardCharsets.ISO_8859_1));
        if (host instanceof RequestedHost.Malformed malformed
                && malformed.message().isBlank()) {
            throw new AssertionError("says nothing: " + malformed);
        }
        if (host instanceof RequestedHost.Name name) {
            boolean clean = name.host().matches("[a-z0-9._*-]{1,255}|\\[[a-z0-9.:_*-]{1,253}]");
            boolean same = name.written().toLowerCase(Locale.ROOT).equals(name.host());
            RequestedHost withPort = RequestedHost.of(name.written() + ":8080");
            boolean portless = withPort.equals(name) || name.host().endsWith(".");
            if (!clean || !same || !portless) {
                throw new AssertionError(name + ", with a port " + withPort);
            }
            for (String asked :
                    HostLookup.of(name.host(), name.written(), false).names()) {
                if (asked.length() > RequestedHost.MAX_LENGTH + 2) {
                    throw new AssertionError("a key for " + asked);
                }
            }
        }
    }
}
