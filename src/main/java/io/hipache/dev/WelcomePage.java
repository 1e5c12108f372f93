package io.hipache.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page that the example backends show to a browser: workers, frontends, backends, and what to try next. */
final class WelcomePage {
    private static final String FOLDER = "/.hipache-dev/";
    private static final Map<String, String> TYPES = Map.of(
            "page.html", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8",
            "page.js", "text/javascript; charset=utf-8");
    private static final int MOST_FRONTENDS = 50;
    private static final String PREFIX = "frontend:";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final PrivateRedis redis;
    private final List<ExampleBackend> backends;
    private final Surroundings surroundings;

    /** A file, or figures. */
    record Content(String type, String text) {}

    WelcomePage(PrivateRedis redis, List<ExampleBackend> backends, Surroundings surroundings) {
        this.redis = redis;
        this.backends = backends;
        this.surroundings = surroundings;
    }

    /**
     * What a path of the page holds, null for all other paths.
     *
     * @param accept the field of that name
     * @param asked the backend that answers
     */
    @Nullable
    Content get(String path, String accept, ExampleBackend asked) throws IOException {
        if (path.equals("/") && accept.contains("text/html")) {
            return file("page.html");
        }
        if (path.equals(FOLDER + "status.json")) {
            return new Content("application/json", MAPPER.writeValueAsString(status(asked)));
        }
        return path.startsWith(FOLDER) ? file(path.substring(FOLDER.length())) : null;
    }

    private static @Nullable Content file(String name) throws IOException {
        String type = TYPES.get(name);
        if (type == null) {
            return null;
        }
        try (InputStream in = WelcomePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program has no " + name);
            }
            return new Content(type, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private JsonNode status(ExampleBackend asked) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("asked", asked.name()).put("redisPort", redis.port());
        status.put("dashboard", surroundings.dashboard());
        ArrayNode commands = status.putArray("commands");
        commands(redis.port(), backends, surroundings).forEach(commands::add);
        status.put("example", surroundings.proxyAs(Playground.EXAMPLE));
        ArrayNode each = status.putArray("backends");
        backends.forEach(backend -> each.addObject()
                .put("name", backend.name())
                .put("url", backend.url())
                .put("answered", backend.answered()));
        try {
            frontends(status.putArray("frontends"));
        } catch (IOException e) {
            status.put("redisProblem", e.getMessage());
        }
        try {
            status.set("program", MAPPER.readTree(surroundings.status().json()));
        } catch (IOException e) {
            status.put("programProblem", e.getMessage());
        }
        return status;
    }

    /** The two lines that add a frontend, and ask for it. */
    static List<String> commands(int redisPort, List<ExampleBackend> backends, Surroundings surroundings) {
        String urls =
                String.join(" ", backends.stream().map(ExampleBackend::url).toList());
        return List.of(
                "redis-cli -p " + redisPort + " rpush " + PREFIX + Playground.EXAMPLE + " mywebsite " + urls,
                "curl -H 'Host: " + Playground.EXAMPLE + "' " + surroundings.proxy());
    }

    private void frontends(ArrayNode frontends) throws IOException {
        // a Redis that serves nobody else, with few keys
        List<String> keys =
                redis.command("KEYS " + PREFIX + "*").stream().sorted().toList();
        for (String key : keys.subList(0, Math.min(MOST_FRONTENDS, keys.size()))) {
            List<String> row = redis.command("LRANGE " + key + " 0 20");
            ObjectNode frontend = frontends.addObject().put("name", key.substring(PREFIX.length()));
            ArrayNode urls = frontend.putArray("backends");
            row.stream().skip(1).forEach(urls::add);
        }
    }
}
