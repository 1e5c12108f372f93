package io.hipache.checker;

import io.hipache.routing.BackendUrl;
import io.hipache.routing.RequestedHost;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A death that a proxy has announced on the channel {@code dead}: {@code <host>;<url>;<index>;<number of backends>}. Anybody
 * who may publish can say anything there, so this is a hint only.
 *
 * @param host under which the backend would be marked, as the announcement spells it
 * @param url as announced
 * @param index of the backend in its list, without the identifier
 */
record Announcement(RequestedHost.Name host, BackendUrl url, int index) {

    /** An entry of a list has 8 KiB at most, else it is no URL for the router. */
    static final int LONGEST = 9 * 1024;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

    /** Null for what is no announcement, and for the only backend of a host, which is never marked. */
    static @Nullable Announcement parse(String message) {
        if (message.length() > LONGEST) {
            return null;
        }
        String[] fields = message.strip().split(";", -1);
        if (fields.length != 4
                || !NUMBER.matcher(fields[2]).matches()
                || !NUMBER.matcher(fields[3]).matches()
                || Integer.parseInt(fields[3]) < 2
                || !(RequestedHost.of(fields[0]) instanceof RequestedHost.Name host)
                || !host.written().equals(fields[0])) {
            return null;
        }
        BackendUrl url = BackendUrl.parse(fields[1]);
        return url == null ? null : new Announcement(host, url, Integer.parseInt(fields[2]));
    }
}
