package io.hipache.probe;

import io.hipache.routing.Backend;

/** A backend, and what it is asked. */
public record Target(Backend backend, Question question) {}
