package io.hipache.cli;

import picocli.CommandLine.Option;

/** {@code --dev} and the options that go with it. */
final class DevOptions {
    static final int FREE_PORT = 0;

    @Option(
            names = "--dev",
            required = true,
            description =
                    "try it out, with a private Redis, two example backends and a page for the browser, on 127.0.0.1")
    boolean dev;

    @Option(
            names = "--dev-port",
            paramLabel = "PORT",
            defaultValue = "1080",
            description = "with --dev: where to listen (default: 1080)")
    int port;

    @Option(
            names = "--dev-redis-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "with --dev: where its Redis listens (default: a free port)")
    int redisPort;
}
