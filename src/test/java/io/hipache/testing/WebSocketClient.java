package io.hipache.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket client. It records the messages that it receives. */
public final class WebSocketClient implements WebSocket.Listener {
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final CompletableFuture<WebSocket> opened;
    private final StringBuilder partial = new StringBuilder();

    private WebSocketClient(HttpClient http, URI uri) {
        this.opened = http.newWebSocketBuilder().buildAsync(uri, this);
    }

    /** Begins to open a WebSocket, to {@code ws://127.0.0.1:80/} for example. Trusts every certificate. */
    public static WebSocketClient open(HttpClient http, String uri) {
        return new WebSocketClient(http, URI.create(uri));
    }

    /** A client that can open many WebSockets. */
    public static HttpClient http() {
        return HttpClient.newBuilder().sslContext(TestTls.context()).build();
    }

    public WebSocketClient awaitOpen() {
        Patience.await(opened, "the opening handshake");
        return this;
    }

    public WebSocketClient send(String text) {
        Patience.await(Patience.await(opened, "the opening handshake").sendText(text, true), "a text to be sent");
        return this;
    }

    /** Sends one message in fragments of a few characters. */
    public WebSocketClient sendInPieces(String... pieces) {
        WebSocket socket = Patience.await(opened, "the opening handshake");
        for (int i = 0; i < pieces.length; i++) {
            Patience.await(socket.sendText(pieces[i], i == pieces.length - 1), "a fragment to be sent");
        }
        return this;
    }

    public String awaitMessage() {
        return Patience.take(messages, "a message");
    }

    /** Sends a close frame and returns the code of the other side's close frame. */
    public int close(int code) {
        Patience.await(Patience.await(opened, "the opening handshake").sendClose(code, "bye"), "the goodbye");
        return Patience.await(closed, "the goodbye of the other side");
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            messages.add(partial.toString());
            partial.setLength(0);
        }
        socket.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(code);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(@Nullable WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
    }
}
