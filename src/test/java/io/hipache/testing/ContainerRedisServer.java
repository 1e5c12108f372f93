package io.hipache.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/** A Redis server from the official image, in a container, on one loopback port. */
final class ContainerRedisServer implements RedisServer {

    private static final String IMAGE = "redis:7-alpine";

    private final List<String> arguments;
    private final int port = FreePorts.next();
    private @Nullable GenericContainer<?> container;

    ContainerRedisServer(List<String> arguments) {
        this.arguments = arguments;
    }

    /**
     * Whether a container engine answers. When there is neither its socket nor its address, the engine is not asked,
     * since that takes seconds.
     */
    static boolean available() {
        boolean announced = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return announced && DockerClientFactory.instance().isDockerAvailable();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    @SuppressWarnings("resource") // closed by stop()
    public void start() {
        List<String> command = new ArrayList<>(List.of("redis-server", "--save", "", "--appendonly", "no"));
        command.addAll(arguments);
        GenericContainer<?> started = new GenericContainer<>(IMAGE);
        started.withExposedPorts(6379).withCommand(command.toArray(String[]::new));
        started.setPortBindings(List.of("127.0.0.1:" + port + ":6379"));
        started.start();
        container = started;
    }

    @Override
    public void stop() {
        if (container != null) {
            container.stop();
            container = null;
        }
    }

    @Override
    public void pause() {
        GenericContainer<?> running = running();
        running.getDockerClient().pauseContainerCmd(running.getContainerId()).exec();
    }

    @Override
    public void resume() {
        GenericContainer<?> running = running();
        running.getDockerClient().unpauseContainerCmd(running.getContainerId()).exec();
    }

    private GenericContainer<?> running() {
        if (container == null) {
            throw new IllegalStateException("Redis does not run");
        }
        return container;
    }

    @Override
    public void close() {
        stop();
    }
}
