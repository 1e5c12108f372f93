package io.hipache.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A correct response, built step by step: {@code Response.status(201).header("etag", "1").body("made")}. Immutable. The
 * request's body is read before the answer is sent, except with {@link #echo} and {@link #early}.
 */
public final class Response implements Reply {
    private final String statusLine;
    private final List<String> headers;
    private final List<String> trailers;
    private final Content content;
    private final boolean early;
    private final boolean closing;
    private final @Nullable CountDownLatch readAfter;
    private final @Nullable CountDownLatch answerAfter;

    private Response(
            String statusLine,
            List<String> headers,
            List<String> trailers,
            Content content,
            boolean early,
            boolean closing,
            @Nullable CountDownLatch readAfter,
            @Nullable CountDownLatch answerAfter) {
        this.statusLine = statusLine;
        this.headers = headers;
        this.trailers = trailers;
        this.content = content;
        this.early = early;
        this.closing = closing;
        this.readAfter = readAfter;
        this.answerAfter = answerAfter;
    }

    public static Response ok() {
        return status(200);
    }

    public static Response ok(String body) {
        return ok().body(body);
    }

    /** A response with an empty body; other methods give it another one. */
    public static Response status(int status) {
        String line = "HTTP/1.1 " + status + " Status " + status;
        return new Response(line, List.of(), List.of(), sized(new byte[0]), false, false, null, null);
    }

    /** Adds a header line behind those of the framing. */
    public Response header(String name, String value) {
        return with(statusLine, with(headers, name + ": " + value), trailers, content);
    }

    public Response body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    public Response body(byte[] bytes) {
        return with(sized(bytes));
    }

    public Response body(BigBody body) {
        return with(new Content.Sized(body.length(), body::writeTo));
    }

    /** A chunked body of these chunks. */
    public Response chunked(String... chunks) {
        return with(new Content.Chunked(out -> {
            for (String chunk : chunks) {
                out.write(chunk.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }));
    }

    public Response chunked(BigBody body) {
        return with(new Content.Chunked(body::writeTo));
    }

    /** Adds a line to the trailer section of a chunked body. */
    public Response trailer(String name, String value) {
        return with(statusLine, headers, with(trailers, name + ": " + value), content);
    }

    /** A body without framing. It ends when the connection is closed. */
    public Response untilClose(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return with(new Content.UntilClose(out -> out.write(bytes)));
    }

    public Response untilClose(BigBody body) {
        return with(new Content.UntilClose(body::writeTo));
    }

    /** The request's body, sent back piece by piece while it arrives. */
    public Response echo() {
        return with(new Content.Echo());
    }

    /** A chunked body that the test sends piece by piece. */
    public Response from(Drip drip) {
        return with(new Content.Dripping(drip, -1));
    }

    /** A body with a content length that the test sends piece by piece. */
    public Response from(Drip drip, long contentLength) {
        return with(new Content.Dripping(drip, contentLength));
    }

    /** No body and no framing, as for 204 and 304. */
    public Response bodiless() {
        return with(new Content.None());
    }

    /**
     * Answers as {@code HTTP/1.0}. Combine this with {@link #closing} or {@link #untilClose} for a server that knows
     * only that version.
     */
    public Response http10() {
        return with(statusLine.replace("HTTP/1.1", "HTTP/1.0"), headers, trailers, content);
    }

    /** Sends {@code connection: close} and closes the connection. */
    public Response closing() {
        return new Response(
                statusLine, with(headers, "connection: close"), trailers, content, early, true, readAfter, answerAfter);
    }

    /** Answers without waiting for the request's body, which is read afterwards. */
    public Response early() {
        return new Response(statusLine, headers, trailers, content, true, closing, readAfter, answerAfter);
    }

    /** Does not read the request's body before the latch is open. */
    public Response readingAfter(CountDownLatch latch) {
        return new Response(statusLine, headers, trailers, content, early, closing, latch, answerAfter);
    }

    /** Answers only when the latch is open. */
    public Response after(CountDownLatch latch) {
        return new Response(statusLine, headers, trailers, content, early, closing, readAfter, latch);
    }

    @Override
    public void answer(ReceivedRequest request, Wire wire) throws IOException {
        if (readAfter != null) {
            Patience.await(readAfter, "the test to let a backend read");
        }
        if (!early && !(content instanceof Content.Echo)) {
            wire.readBody(request);
        }
        if (answerAfter != null) {
            Patience.await(answerAfter, "the test to let a backend answer");
        }
        wire.out().write(MessageReader.latin1(head(request)));
        if (!request.method().equals("HEAD")) {
            content.write(request, wire, trailers);
        }
        if (!wire.isOpen()) {
            return;
        }
        wire.out().flush();
        if (closing || content.endsWithConnection()) {
            wire.finish();
        }
    }

    private String head(ReceivedRequest request) {
        List<String> lines = new ArrayList<>();
        lines.add(statusLine);
        lines.addAll(content.framing(request));
        lines.addAll(headers);
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private Response with(Content other) {
        return with(statusLine, headers, trailers, other);
    }

    private Response with(String line, List<String> headerLines, List<String> trailerLines, Content body) {
        return new Response(line, headerLines, trailerLines, body, early, closing, readAfter, answerAfter);
    }

    private static List<String> with(List<String> lines, String line) {
        return Stream.concat(lines.stream(), Stream.of(line)).toList();
    }

    private static Content sized(byte[] bytes) {
        return new Content.Sized(bytes.length, out -> out.write(bytes));
    }
}
