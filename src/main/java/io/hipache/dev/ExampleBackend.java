package io.hipache.dev;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hipache.dev.WelcomePage.Content;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A backend that answers every request with its name, so that the user sees which backend was asked. A browser gets a page,
 * where there is one.
 */
final class ExampleBackend {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final String name;
    private final HttpServer server;
    private final ExecutorService threads;
    private final AtomicLong answered = new AtomicLong();
    private volatile @Nullable WelcomePage page;

    private ExampleBackend(String name, HttpServer server, ExecutorService threads) {
        this.name = name;
        this.server = server;
        this.threads = threads;
    }

    static ExampleBackend start(String name) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        ExampleBackend backend = new ExampleBackend(name, server, threads);
        server.createContext("/", backend::answer);
        server.setExecutor(threads);
        server.start();
        return backend;
    }

    String name() {
        return name;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How many requests it has answered, those of the page for its own figures aside. */
    long answered() {
        return answered.get();
    }

    /** From now on browsers are shown this page. */
    void show(WelcomePage shown) {
        page = shown;
    }

    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            Content content = content(exchange);
            byte[] body = content.text().getBytes(StandardCharsets.UTF_8);
            boolean bodiless = exchange.getRequestMethod().equals("HEAD");
            exchange.getResponseHeaders().set("Content-Type", content.type());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(200, bodiless ? -1 : body.length);
            if (!bodiless) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Content content(HttpExchange exchange) throws IOException {
        WelcomePage shown = page;
        String path = exchange.getRequestURI().getPath();
        String accept = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Accept"), "");
        Content ofPage = shown == null ? null : shown.get(path, accept, this);
        if (ofPage == null || path.equals("/")) {
            answered.incrementAndGet();
        }
        String text = "I am the " + name + " backend at " + url() + ", asked for " + exchange.getRequestURI() + " of "
                + exchange.getRequestHeaders().getFirst("Host") + "\n";
        return ofPage == null ? new Content(TEXT, text) : ofPage;
    }
}
