package io.hipache.proxy.exchange;

import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import io.hipache.proxy.exchange.head.ConnectionOptions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which fields of a backend's response a client gets. */
public final class ResponseFields {
    private ResponseFields() {}

    /**
     * Hands out the fields for a client: every field as it came, in its order, except those that concern the backend's
     * connection alone, and behind them what the proxy adds.
     *
     * @param client the version of HTTP that the client speaks
     */
    public static void write(ResponseHead response, Version client, AddedHeaders added, FieldSink out) {
        Fields fields = response.fields();
        Set<String> named = ConnectionOptions.namedBy(fields);
        boolean bodiless = isBodiless(response);
        for (int i = 0; i < fields.size(); i++) {
            KnownField known = fields.known(i);
            if (isPassedOn(fields, i, named, bodiless, namesUpgrade(response))
                    && isFor(client, known)
                    && (known == null || !added.replaces(known))) {
                out.received(fields, i);
            }
        }
        if (!added.isEmpty()) {
            added.forEach(out::made);
        }
    }

    /** Whether the response tells which protocol the client has to switch to (RFC 9110 §15.5.22). */
    public static boolean namesUpgrade(ResponseHead response) {
        return response.status() == 426 && response.fields().contains(KnownField.UPGRADE);
    }

    /** Only HTTP/1.1 has chunks and upgrades, and HTTP/1.0 has no trailers. */
    private static boolean isFor(Version client, @Nullable KnownField known) {
        return switch (client) {
            case HTTP_1_1 -> true;
            case HTTP_1_0 ->
                known != KnownField.TRANSFER_ENCODING && known != KnownField.UPGRADE && known != KnownField.TRAILER;
            case HTTP_2_0 -> known != KnownField.TRANSFER_ENCODING && known != KnownField.UPGRADE;
        };
    }

    /** RFC 9112 §6.1 and RFC 9110 §8.6: these have no body, and a length would make a parser wait for one. */
    private static boolean isBodiless(ResponseHead response) {
        return response.status() < 200 || response.status() == 204;
    }

    private static boolean isPassedOn(Fields fields, int index, Set<String> named, boolean bodiless, boolean upgrade) {
        KnownField known = fields.known(index);
        if (known == null) {
            return !ConnectionOptions.names(named, fields, index);
        }
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE -> false;
            case UPGRADE -> upgrade;
            case CONTENT_LENGTH, TRANSFER_ENCODING -> !bodiless;
            default -> !ConnectionOptions.names(named, fields, index);
        };
    }
}
