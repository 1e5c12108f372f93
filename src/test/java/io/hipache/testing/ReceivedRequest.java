package io.hipache.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A request as it came to a {@link TestBackend}; known from its head on, its body may still be on the way. */
public final class ReceivedRequest {
    private final MessageHead head;
    private final int connection;
    private final KeptBody body = new KeptBody();
    private final CompletableFuture<List<String>> end = new CompletableFuture<>();

    ReceivedRequest(MessageHead head, int connection) {
        this.head = head;
        this.connection = connection;
    }

    /** The head as it came, every byte one character. */
    public MessageHead head() {
        return head;
    }

    /** The number of the connection it came on, counted from 1. */
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

    /** The whole body as UTF-8; waits for it. */
    public String body() {
        return new String(bodyBytes(), StandardCharsets.UTF_8);
    }

    /** The whole body; waits for it. */
    public byte[] bodyBytes() {
        awaitBody();
        return body.bytes();
    }

    /** What identifies the whole body, however large; waits for it. */
    public Digest digest() {
        awaitBody();
        return body.digest();
    }

    /** The lines of the trailer section; waits for them. */
    public List<String> trailers() {
        return awaitBody();
    }

    /** How many bytes of the body have been read by now. */
    public long bodyBytesSoFar() {
        return body.length();
    }

    /** Waits until the connection is lost before the body is whole; fails when the body becomes whole instead. */
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
