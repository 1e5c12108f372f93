package io.hipache.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A request that a {@link TestBackend} received. It is available as soon as its head is complete; its body may still
 * arrive.
 */
public final class ReceivedRequest {
    private final MessageHead head;
    private final int connection;
    private final KeptBody body = new KeptBody();
    private final CompletableFuture<List<String>> end = new CompletableFuture<>();

    ReceivedRequest(MessageHead head, int connection) {
        this.head = head;
        this.connection = connection;
    }

    /** The head as it was received; each byte is one character. */
    public MessageHead head() {
        return head;
    }

    /** The number of the connection on which the request arrived, counted from 1. */
    public int connection() {
        return connection;
    }

    public String requestLine() {
        return head.startLine();
    }

    public String method() {
        return head.startLine().split(" ", 3)[0];
    }

    public String target() {
        return head.startLine().split(" ", 3)[1];
    }

    public @Nullable String header(String name) {
        return head.header(name);
    }

    public List<String> headers(String name) {
        return head.headers(name);
    }

    /** The whole body as UTF-8. Waits for the end of the body. */
    public String body() {
        return new String(bodyBytes(), StandardCharsets.UTF_8);
    }

    /** The whole body. Waits for its end. */
    public byte[] bodyBytes() {
        awaitBody();
        return body.bytes();
    }

    /** The digest of the whole body, however large. Waits for the end of the body. */
    public Digest digest() {
        awaitBody();
        return body.digest();
    }

    /** The lines of the trailer section. Waits for the end of the body. */
    public List<String> trailers() {
        return awaitBody();
    }

    /** How many bytes of the body have been read by now. */
    public long bodyBytesSoFar() {
        return body.length();
    }

    /** Waits until the connection is lost in the middle of the body. Fails when the body becomes complete instead. */
    public void awaitBrokenBody() {
        try {
            end.get(Patience.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            throw new AssertionError("the body came whole: " + body.digest());
        } catch (ExecutionException broken) {
            return;
        } catch (TimeoutException e) {
            throw new AssertionError("the body is neither whole nor broken, at " + body.length() + " bytes", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private List<String> awaitBody() {
        return Patience.await(end, "the body of " + requestLine());
    }

    KeptBody bodySink() {
        return body;
    }

    CompletableFuture<List<String>> end() {
        return end;
    }

    @Override
    public String toString() {
        return head.raw();
    }
}
