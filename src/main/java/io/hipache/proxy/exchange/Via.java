package io.hipache.proxy.exchange;

import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.Version;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The mark that every request for a backend carries (RFC 9110 §7.6.3). A request that arrives with the mark has been here
 * before: a backend leads back to this fleet, and would do so again without end. Immutable.
 */
public final class Via {
    /** Marks nothing and recognises nothing. */
    public static final Via OFF = new Via("");

    private final String name;
    private final String lowerCaseName;
    /** The name behind its protocol, in a list. A comment may follow. */
    private final Pattern entry;
    /** The value of our own line, by the version in which the request arrived. */
    private final Map<Version, String> values = new EnumMap<>(Version.class);

    /** @param name under which this fleet knows its own requests again; empty for none */
    public Via(String name) {
        this.name = name;
        this.lowerCaseName = name.toLowerCase(Locale.ROOT);
        this.entry = Pattern.compile(
                "(?:^|,)[ \\t]*[^ \\t,]++[ \\t]++" + Pattern.quote(name) + "(?=[ \\t,]|$)", Pattern.CASE_INSENSITIVE);
        for (Version version : Version.values()) {
            String number = version.text().substring(version.text().indexOf('/') + 1);
            values.put(version, number + ' ' + name);
        }
    }

    /** Whether a request has been here before. */
    boolean isIn(Fields fields) {
        int index = name.isEmpty() ? -1 : fields.indexOf(KnownField.VIA, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.VIA, index + 1)) {
            // the first look is cheap, and enough for nearly all of them
            if (fields.valueContains(index, lowerCaseName)
                    && entry.matcher(fields.value(index)).find()) {
                return true;
            }
        }
        return false;
    }

    /** Adds the mark to a request that arrived in this version. It stands behind those of other proxies. */
    void write(Version version, FieldSink out) {
        if (!name.isEmpty()) {
            out.made(KnownField.VIA.text(), String.valueOf(values.get(version)));
        }
    }
}
