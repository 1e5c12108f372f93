package io.hipache.proxy.exchange;

import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;

/**
 * Where a request came from, for its backend (Hipache lib/worker.js, {@code startHandler}). What a trusted proxy said
 * stays; anybody else's word is replaced.
 */
final class ForwardedHeaders {
    private ForwardedHeaders() {}

    /** Appends those that {@code received} lacks, or all of them when the client is not trusted. */
    static void write(Fields received, ClientIdentity client, FieldSink out) {
        boolean trusted = client.trusted();
        String scheme = client.tls() ? "https" : "http";
        add(received, trusted, KnownField.X_FORWARDED_FOR, client.address(), out);
        add(received, trusted, KnownField.X_REAL_IP, client.address(), out);
        add(received, trusted, KnownField.X_FORWARDED_PROTOCOL, scheme, out);
        add(received, trusted, KnownField.X_FORWARDED_PROTO, scheme, out);
        add(received, trusted, KnownField.X_FORWARDED_PORT, Integer.toString(client.port()), out);
    }

    private static void add(Fields received, boolean trusted, KnownField name, String value, FieldSink out) {
        if (!trusted || !received.contains(name)) {
            out.made(name.text(), value);
        }
    }
}
