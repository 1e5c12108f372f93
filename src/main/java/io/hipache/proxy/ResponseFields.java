package io.hipache.proxy;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.ResponseHead;
import java.util.Set;

/** Which fields of a backend's response concern the client, whatever it speaks. */
final class ResponseFields {
    private ResponseFields() {}

    /** RFC 9112 §6.1 and RFC 9110 §8.6: these have no body, and a length would make a parser wait for one. */
    static boolean isBodiless(ResponseHead response) {
        return response.status() < 200 || response.status() == 204;
    }

    /**
     * Whether field {@code index} is passed on. Not decided here: {@code Transfer-Encoding}, which is passed on only where
     * it means something.
     *
     * @param named what {@link ConnectionOptions#namedBy} says of {@code fields}
     */
    static boolean goesOn(Fields fields, int index, Set<String> named, boolean bodiless) {
        KnownField known = fields.known(index);
        if (known == null) {
            return !ConnectionOptions.names(named, fields, index);
        }
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, UPGRADE -> false;
            case CONTENT_LENGTH, TRANSFER_ENCODING -> !bodiless;
            default -> !named.contains(known.text());
        };
    }
}
