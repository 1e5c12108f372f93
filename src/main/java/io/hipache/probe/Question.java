package io.hipache.probe;

import org.jspecify.annotations.Nullable;

/**
 * The request of a check, and which answer is good.
 *
 * @param usual whether this is the question of hipache-hchecker, for which a 503 is a good answer
 * @param path of the request
 * @param host the Host header
 * @param status that is expected, 0 for any below 500
 * @param body a text that the beginning of the body must have, null for any body
 */
public record Question(boolean usual, String path, String host, int status, @Nullable String body) {

    /** As hipache-hchecker introduces itself, so that backends which know it need not be changed. */
    private static final String AGENT = "dotCloud-HealthCheck/0.2.4 hipache";

    /** What a proxy answers to a request that has passed it before (RFC 5842 §7.2). */
    private static final int LOOP = 508;

    /** The question of hipache-hchecker (check.go), for a host without a hash {@code healthcheck:<host>}. */
    public static Question usual(String path) {
        return new Question(true, path, "ping", 0, null);
    }

    /**
     * A {@code GET} with the host of the frontend.
     *
     * @param status that is expected, 0 for any below 500
     * @param body a text that the beginning of the body must have, null for any body
     */
    public static Question get(String path, String host, int status, @Nullable String body) {
        return new Question(false, path, host, status, body);
    }

    /** Whether the answer has no body, because the request is a HEAD. */
    boolean toHead() {
        return usual;
    }

    String request() {
        return (usual ? "HEAD " : "GET ") + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: " + AGENT
                + "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    }

    /** What is wrong with a status, null when it is good. */
    @Nullable
    String faultOf(int answered) {
        if (status > 0) {
            return answered == status ? null : "status " + answered + ", expected " + status;
        }
        boolean failure = answered >= 500 && !(usual && answered == 503);
        if (!failure) {
            return null;
        }
        return "status " + answered + (answered == LOOP ? ": the backend leads back to a proxy" : "");
    }
}
