package io.hipache.proxy.exchange.head;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The fields that a message's {@code Connection} names: they concern that connection alone (RFC 9110 §7.6.1). */
public final class ConnectionOptions {
    private ConnectionOptions() {}

    /** The names in lower case. Mostly there are only {@code close} and {@code keep-alive}, and the set is empty. */
    public static Set<String> namedBy(Fields fields) {
        Set<String> named = Set.of();
        int index = fields.indexOf(KnownField.CONNECTION, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.CONNECTION, index + 1)) {
            String value = fields.value(index);
            if (value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close")) {
                continue;
            }
            if (named.isEmpty()) {
                named = new HashSet<>();
            }
            for (String option : value.split(",", -1)) {
                named.add(option.strip().toLowerCase(Locale.ROOT));
            }
        }
        return named;
    }

    /** Whether field {@code index} is one of those {@code named}. The cost does not grow with their number. */
    public static boolean names(Set<String> named, Fields fields, int index) {
        return !named.isEmpty() && named.contains(fields.name(index).toLowerCase(Locale.ROOT));
    }
}
