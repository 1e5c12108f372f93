package io.hipache.dev;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The store of {@code --dev}, two backends, and a frontend for them. All of them listen on this machine only. */
public final class Playground implements AutoCloseable {
    /** A host that the user may add. Browsers take every name below localhost for this machine. */
    static final String EXAMPLE = "hello.localhost";

    private static final List<String> BACKENDS = List.of("red", "blue");
    private static final List<String> HOSTS = List.of("localhost", "127.0.0.1");

    private final PrivateRedis redis;
    private final List<ExampleBackend> backends;
    private final Thread atExit = new Thread(this::stop, "end of the playground");

    private Playground(PrivateRedis redis, List<ExampleBackend> backends) {
        this.redis = redis;
        this.backends = backends;
    }

    /**
     * Starts everything and registers the frontend.
     *
     * @param redisPort 0 for a free port
     * @param path where a program of Redis is looked for, as {@code PATH}, when none comes with this program
     * @throws IOException with a message for the user
     */
    public static Playground start(int redisPort, String path) throws IOException {
        PrivateRedis redis = PrivateRedis.start(redisPort, path);
        List<ExampleBackend> backends = new ArrayList<>();
        Playground playground = new Playground(redis, backends);
        Runtime.getRuntime().addShutdownHook(playground.atExit);
        try {
            for (String name : BACKENDS) {
                backends.add(ExampleBackend.start(name));
            }
            for (String host : HOSTS) {
                redis.command("RPUSH frontend:" + host + " example "
                        + String.join(
                                " ", backends.stream().map(ExampleBackend::url).toList()));
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

    /** Has the backends show a page of this program to browsers. */
    public void show(Surroundings surroundings) {
        WelcomePage page = new WelcomePage(redis, backends, surroundings);
        backends.forEach(backend -> backend.show(page));
    }

    /** A text for the user, with commands to try. */
    public String introduction(Surroundings surroundings) {
        List<String> commands = WelcomePage.commands(redisPort(), backends, surroundings);
        return String.join(
                "\n",
                "",
                "Hipache listens on " + surroundings.proxy() + ", its Redis on port " + redisPort() + ".",
                "",
                "  " + surroundings.proxy() + "  in a browser shows what is going on"
                        + (surroundings.dashboard() == null
                                ? ""
                                : "\n  " + surroundings.dashboard() + "  is the dashboard"),
                "",
                "Try:",
                "",
                "  curl -H 'Host: localhost' " + surroundings.proxy(),
                "  curl -H 'Host: localhost' -H 'X-Debug: 1' -i " + surroundings.proxy(),
                "  redis-cli -p " + redisPort() + " lrange frontend:localhost 0 -1",
                "",
                "Add a virtual host of your own:",
                "",
                "  " + String.join("\n  ", commands),
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
}
