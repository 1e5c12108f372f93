package io.hipache.proxy.exchange;

import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.ResponseHead;
import java.util.Set;

/** Which fields of a backend's response a client gets. */
public final class ResponseFields {
    private ResponseFields() {}

    /**
     * Hands out the fields for a client: every field as it came, in its order, except those that concern the backend's
     * connection alone.
     *
     * @param chunks whether the client knows chunks, and so gets {@code Transfer-Encoding}
     */
    public static void write(ResponseHead response, boolean chunks, FieldSink out) {
        Fields fields = response.fields();
        Set<String> named = ConnectionOptions.namedBy(fields);
        boolean bodiless = isBodiless(response);
        for (int i = 0; i < fields.size(); i++) {
            if (isPassedOn(fields, i, named, bodiless) && (chunks || fields.known(i) != KnownField.TRANSFER_ENCODING)) {
                out.received(fields, i);
            }
        }
    }

    /** RFC 9112 §6.1 and RFC 9110 §8.6: these have no body, and a length would make a parser wait for one. */
    private static boolean isBodiless(ResponseHead response) {
        return response.status() < 200 || response.status() == 204;
    }

    private static boolean isPassedOn(Fields fields, int index, Set<String> named, boolean bodiless) {
        KnownField known = fields.known(index);
        if (known == null) {
            return !ConnectionOptions.names(named, fields, index);
        }
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, UPGRADE -> false;
            case CONTENT_LENGTH, TRANSFER_ENCODING -> !bodiless;
            default -> !ConnectionOptions.names(named, fields, index);
        };
    }
}
