package io.hipache.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A response that a {@link RawClient} received. */
public final class ReceivedResponse {
    private final MessageHead head;
    private final KeptBody body;
    private final List<String> trailers;

    ReceivedResponse(MessageHead head, KeptBody body, List<String> trailers) {
        this.head = head;
        this.body = body;
        this.trailers = trailers;
    }

    /** The head as it was received; each byte is one character. */
    public MessageHead head() {
        return head;
    }

    public String statusLine() {
        return head.startLine();
    }

    public int status() {
        return RawClient.status(head);
    }

    public @Nullable String header(String name) {
        return head.header(name);
    }

    public List<String> headers(String name) {
        return head.headers(name);
    }

    /** The body as UTF-8, without its framing. */
    public String body() {
        return new String(body.bytes(), StandardCharsets.UTF_8);
    }

    public byte[] bodyBytes() {
        return body.bytes();
    }

    /** The digest of the body, however large. */
    public Digest digest() {
        return body.digest();
    }

    /** The lines of the trailer section. */
    public List<String> trailers() {
        return trailers;
    }

    @Override
    public String toString() {
        return head.raw() + "(" + body.length() + " bytes)";
    }
}
