package io.hipache.proxy;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The fields that a message's {@code Connection} names: they concern that connection alone (RFC 9110 §7.6.1). */
final class ConnectionOptions {
    private ConnectionOptions() {}

    /** The names in lower case, without {@code close} and {@code keep-alive}. */
    static List<String> namedBy(Fields fields) {
        List<String> named = List.of();
        int index = fields.indexOf(KnownField.CONNECTION, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.CONNECTION, index + 1)) {
            String value = fields.value(index);
            if (value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close")) {
                continue;
            }
            if (named.isEmpty()) {
                named = new ArrayList<>();
            }
            for (String option : value.split(",", -1)) {
                named.add(option.strip().toLowerCase(Locale.ROOT));
            }
        }
        return named;
    }

    /** Whether field {@code index} is one of those {@code named}. */
    static boolean names(List<String> named, Fields fields, int index) {
        for (String option : named) {
            if (fields.isNamed(index, option)) {
                return true;
            }
        }
        return false;
    }
}
