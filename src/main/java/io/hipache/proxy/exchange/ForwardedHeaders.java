package io.hipache.proxy.exchange;

import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;

/**
 * Tells the backend where a request came from (Hipache lib/worker.js, {@code startHandler}). The fields of a trusted proxy
 * stay as they are. Those of any other client are replaced.
 */
final class ForwardedHeaders {
    private ForwardedHeaders() {}

    /**
     * Appends the fields that {@code received} lacks, or all of them when the client is not trusted.
     *
     * @param appending whether the client's address follows what a trusted proxy said in X-Forwarded-For
     */
    static void write(Fields received, ClientIdentity client, boolean appending, FieldSink out) {
        boolean trusted = client.trusted();
        String scheme = client.tls() ? "https" : "http";
        if (appending && trusted) {
            out.made(KnownField.X_FORWARDED_FOR.text(), appended(received, client.address()));
        } else {
            add(received, trusted, KnownField.X_FORWARDED_FOR, client.address(), out);
        }
        add(received, trusted, KnownField.X_REAL_IP, client.address(), out);
        add(received, trusted, KnownField.X_FORWARDED_PROTOCOL, scheme, out);
        add(received, trusted, KnownField.X_FORWARDED_PROTO, scheme, out);
        add(received, trusted, KnownField.X_FORWARDED_PORT, Integer.toString(client.port()), out);
    }

    /** One line, because many backends read only the first or the last one. */
    private static String appended(Fields received, String address) {
        StringBuilder all = new StringBuilder();
        int index = received.indexOf(KnownField.X_FORWARDED_FOR, 0);
        for (; index >= 0; index = received.indexOf(KnownField.X_FORWARDED_FOR, index + 1)) {
            String value = received.value(index);
            if (!value.isEmpty()) {
                all.append(value).append(", ");
            }
        }
        return all.append(address).toString();
    }

    private static void add(Fields received, boolean trusted, KnownField name, String value, FieldSink out) {
        if (!trusted || !received.contains(name)) {
            out.made(name.text(), value);
        }
    }
}
