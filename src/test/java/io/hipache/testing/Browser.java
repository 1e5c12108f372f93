package io.hipache.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium with one page, driven by the DevTools protocol over a WebSocket of the JDK. Machines without a browser are
 * told by {@link #installed()}.
 */
public final class Browser implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> errors = new ArrayList<>();
    private final String session;

    /** The program, where one is installed. */
    public static Optional<Path> installed() {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts the program.
     *
     * @param profile an empty folder
     */
    public static Browser start(Path program, Path profile) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("TMPDIR", profile.toString());
        return new Browser(builder.start());
    }

    private Browser(Process process) throws Exception {
        this.process = process;
        try {
            URI address =
                    CompletableFuture.supplyAsync(() -> address(process)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(address, new Answers())
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            String target = send(
                            null, "Target.createTarget", JSON.createObjectNode().put("url", "about:blank"))
                    .path("targetId")
                    .asText();
            session = send(
                            null,
                            "Target.attachToTarget",
                            JSON.createObjectNode().put("targetId", target).put("flatten", true))
                    .path("sessionId")
                    .asText();
            send("Page.enable", JSON.createObjectNode());
            send("Runtime.enable", JSON.createObjectNode());
            send("Log.enable", JSON.createObjectNode());
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI address(Process process) {
        try {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    Thread rest = new Thread(() -> lines.lines().forEach(unused -> {}), "browser-messages");
                    rest.setDaemon(true);
                    rest.start();
                    return URI.create(listening.group(1));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("the browser has ended");
    }

    /** Collects what the browser sends: answers, and problems of the page. */
    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    received(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private void received(JsonNode message) {
        CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt(-1));
        if (answer != null) {
            answer.complete(message);
        } else if (message.path("method").asText().equals("Runtime.exceptionThrown")
                || isError(message.at("/params/entry"))) {
            synchronized (errors) {
                errors.add(message.path("params").toString());
            }
        }
    }

    /** An answer with an error status may be what the test is about. */
    private static boolean isError(JsonNode entry) {
        return entry.path("level").asText().equals("error")
                && !entry.path("source").asText().equals("network");
    }

    /** Exceptions of scripts, and what the policy of the page forbids. */
    public List<String> errors() {
        synchronized (errors) {
            return List.copyOf(errors);
        }
    }

    private JsonNode send(String method, ObjectNode parameters) {
        return send(session, method, parameters);
    }

    private JsonNode send(@Nullable String to, String method, ObjectNode parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        if (to != null) {
            message.put("sessionId", to);
        }
        try {
            socket.sendText(message.toString(), true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            JsonNode received = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (received.has("error")) {
                throw new IllegalStateException(method + ": " + received.path("error"));
            }
            return received.path("result");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method, e);
        }
    }

    /** Opens a page, without what a page before it has kept. */
    public void open(String url) {
        send("Page.navigate", JSON.createObjectNode().put("url", "about:blank"));
        send("Page.navigate", JSON.createObjectNode().put("url", url));
    }

    /**
     * How the page is shown.
     *
     * @param scheme {@code light} or {@code dark}
     */
    public void show(int width, int height, String scheme) {
        send(
                "Emulation.setDeviceMetricsOverride",
                JSON.createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
        ObjectNode media = JSON.createObjectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        send("Emulation.setEmulatedMedia", media);
    }

    /** The value of an expression of JavaScript, as text. */
    public String value(String expression) {
        JsonNode result = send(
                "Runtime.evaluate",
                JSON.createObjectNode()
                        .put("expression", "(async () => String(await (" + expression + ")))()")
                        .put("awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.at("/result/value").asText();
    }

    /** The text that an element shows, empty when it is hidden or not there. */
    public String text(String selector) {
        return value("document.querySelector(" + quoted(selector) + ")?.innerText ?? ''");
    }

    /** Waits until an element shows a text. */
    public void await(String selector, String text) {
        Awaitility.await(selector + " shows " + text)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(text(selector)).contains(text));
    }

    /** Presses a key on what has the focus, such as {@code Tab} or {@code Enter}. */
    public void press(String key) {
        ObjectNode down =
                JSON.createObjectNode().put("type", "keyDown").put("key", key).put("code", key);
        if (key.equals("Enter")) {
            down.put("text", "\r").put("windowsVirtualKeyCode", 13);
        } else if (key.equals("Tab")) {
            down.put("windowsVirtualKeyCode", 9);
        }
        send("Input.dispatchKeyEvent", down);
        send(
                "Input.dispatchKeyEvent",
                JSON.createObjectNode().put("type", "keyUp").put("key", key).put("code", key));
    }

    /** Types a text into what has the focus. */
    public void type(String text) {
        send("Input.insertText", JSON.createObjectNode().put("text", text));
    }

    /** Moves the focus. */
    public void focus(String selector) {
        value("document.querySelector(" + quoted(selector) + ").focus()");
    }

    private static String quoted(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    /** Writes a picture of the whole page. */
    public void screenshot(Path file) throws IOException {
        JsonNode picture = send(
                "Page.captureScreenshot",
                JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true));
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    }

    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        // a folder that a process still writes to cannot be removed
        all.forEach(each ->
                each.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
    }
}
