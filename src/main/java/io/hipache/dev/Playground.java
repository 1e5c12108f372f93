package io.hipache.dev;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The store of {@code --dev}, two backends, and a frontend for them. All of them listen on this machine only. */
public final class Playground implements AutoCloseable {
    private static final List<String> BACKENDS = List.of("red", "blue");
    private static final List<String> HOSTS = List.of("localhost", "127.0.0.1");

    private final EmbeddedRedis redis;
    private final List<ExampleBackend> backends;
    private final Thread atExit = new Thread(this::stop, "end of the playground");

    private Playground(EmbeddedRedis redis, List<ExampleBackend> backends) {
        this.redis = redis;
        this.backends = backends;
    }

    /**
     * Starts everything and registers the frontend.
     *
     * @param redisPort 0 for a free port
     * @throws IOException with a message for the user
     */
    public static Playground start(int redisPort) throws IOException {
        EmbeddedRedis redis = EmbeddedRedis.start(redisPort);
        List<ExampleBackend> backends = new ArrayList<>();
        Playground playground = new Playground(redis, backends);
        Runtime.getRuntime().addShutdownHook(playground.atExit);
        try {
            for (String name : BACKENDS) {
                backends.add(ExampleBackend.start(name));
            }
            for (String host : HOSTS) {
                redis.command("RPUSH frontend:" + host + " example " + urls(backends));
            }
        } catch (IOException e) {
            playground.close();
            throw e;
        }
        return playground;
    }

    public int redisPort() {
        return redis.port();
    }

    /** A text for the user with commands to try. The address is that of the proxy. */
    public String introduction(String address, int port) {
        String proxy = "http://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + port + "/";
        String redisCli = "  redis-cli -p " + redisPort();
        return String.join(
                "\n",
                "",
                "Hipache listens on " + proxy + ", its Redis on port " + redisPort() + ". Try:",
                "",
                "  curl -H 'Host: localhost' " + proxy,
                "  curl -H 'Host: localhost' -H 'X-Debug: 1' -i " + proxy,
                redisCli + " lrange frontend:localhost 0 -1",
                "",
                "Add a virtual host of your own:",
                "",
                redisCli + " rpush frontend:www.dotcloud.com mywebsite " + urls(backends),
                "  curl -H 'Host: www.dotcloud.com' " + proxy,
                "",
                "Ctrl-C ends all of it.",
                "");
    }

    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the process is ending and runs the hook itself
        }
    }

    private void stop() {
        backends.forEach(ExampleBackend::stop);
        redis.stop();
    }

    private static String urls(List<ExampleBackend> backends) {
        return String.join(" ", backends.stream().map(ExampleBackend::url).toList());
    }
}
