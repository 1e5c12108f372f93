package io.hipache.checker;

import io.hipache.routing.Backend;

/** What is checked: a backend, and what it is asked. Hosts with the same target share one check. */
record Target(Backend backend, Question question) {}
