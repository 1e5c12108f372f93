package io.hipache.outcome;

import java.util.Locale;

/**
 * Why a request, or one attempt on a backend, ended as it did. The words are fixed: logs, metrics and documentation use
 * them, and {@code docs/reasons.md} explains each.
 */
public enum EndReason {
    /** A backend answered, and the client has been handed the whole answer. */
    ANSWERED,
    /** The proxy answered {@code Host: __ping__} itself. */
    PING,
    /** The proxy answered {@code Host: __ready__} itself: it can route requests. */
    READY,
    /** The request was {@code Host: __ready__} to a worker that ends. */
    DRAINING,
    /** The proxy answered a TRACE or OPTIONS itself, because the request may not be passed on. */
    MAX_FORWARDS,
    /** The backend switched protocols; the tunnel has ended. */
    TUNNEL_CLOSED,

    /** The request breaks the rules of HTTP. */
    MALFORMED_REQUEST,
    /** The request head is longer than the proxy reads. */
    HEAD_TOO_LARGE,
    /** The request uses a transfer coding that the proxy does not know. */
    UNSUPPORTED_CODING,
    /** The request's method is not served by a reverse proxy. */
    METHOD_REFUSED,
    /** The client spoke plain HTTP to a TLS port. */
    PLAIN_HTTP_ON_TLS_PORT,
    /** The request names no host. */
    NO_HOST,
    /** The request's host cannot be looked up. */
    MALFORMED_HOST,
    /** The request has passed this fleet already. */
    LOOP_DETECTED,

    /** The store has no frontend for the host. */
    NO_FRONTEND,
    /** The frontend has no backend that is alive. */
    NO_LIVE_BACKEND,
    /** No live backend of the frontend has a usable URL. */
    INVALID_BACKEND,
    /** The store could not be asked, or did not answer in time. */
    STORE_AWAY,
    /** What the store has for the host is over a bound. */
    STORE_TOO_LARGE,
    /** What the store has for the host is no list. */
    STORE_WRONG_TYPE,

    /** The backend refused the connection. */
    CONNECT_REFUSED,
    /** The connection to the backend did not come about in time. */
    CONNECT_TIMED_OUT,
    /** There is no route to the backend. */
    BACKEND_UNREACHABLE,
    /** The backend's name is unknown. */
    NAME_UNKNOWN,
    /** TLS with the backend failed. */
    BACKEND_TLS_FAILED,
    /** The connection to the backend failed for another reason. */
    CONNECT_FAILED,
    /** This machine looks up too many other names. */
    RESOLVER_BUSY,
    /** This machine has no socket left. */
    NO_SOCKET_LEFT,
    /** Every socket to the backend stayed in use for too long. */
    SOCKETS_FULL,

    /** The backend closed the connection before it answered. */
    BACKEND_DROPPED,
    /** The backend sent nothing for {@code tcpTimeout}. */
    BACKEND_SILENT,
    /** What the backend sent is not an HTTP response. */
    INVALID_RESPONSE,
    /** The backend's response broke off behind its head. */
    RESPONSE_BROKEN,
    /** Nothing moved for {@code tcpTimeout}, and the backend was not to blame or had begun to answer. */
    STALLED,

    /** The client's connection or stream ended before the client had the whole answer, whoever ended it. */
    CLIENT_GONE,
    /** The worker takes no more connections, or none of this address. */
    LIMIT_CONNECTIONS,
    /** The worker takes no more requests at a time. */
    LIMIT_REQUESTS,
    /** The worker itself failed while it talked to a backend. */
    WORKER_FAILED,
    /** The client sent its body too slowly. */
    LIMIT_BODY_RATE,
    /** The worker or its kernel had no memory left to talk to a backend. */
    LIMIT_MEMORY,
    /** An unexpected error of this program. */
    INTERNAL_ERROR;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The word of the vocabulary, such as {@code no_frontend}. */
    public String word() {
        return word;
    }
}
