package io.hipache.fuzz;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Everything that is fuzzed. The class of a target stands beside the code that the target calls. */
enum Target {
    REQUEST_DECODER("http.RequestDecoderFuzz", 3_000),
    RESPONSE_DECODER("http.ResponseDecoderFuzz", 2_000),
    CHUNKED_BODY("http.ChunkedBodyFuzz", 6_000),
    HEADER_BLOCKS("http2.HeaderBlocksFuzz", 5_000),
    PROXIED_REQUEST("proxy.ProxiedRequestFuzz", 250),
    PROXIED_FRAMES("proxy.ProxiedFramesFuzz", 250),
    PROXIED_RESPONSE("proxy.ProxiedResponseFuzz", 300),
    BACKEND_URL("routing.BackendUrlFuzz", 20_000),
    REQUESTED_HOST("routing.RequestedHostFuzz", 20_000),
    ANNOUNCEMENT("checker.AnnouncementFuzz", 10_000),
    ORDER("supervisor.admin.frontends.OrderFuzz", 3_000),
    WORKER_MESSAGES("link.WorkerMessagesFuzz", 5_000),
    FIGURES("figures.FiguresFuzz", 3_000),
    SNAPSHOT("snapshot.SnapshotFileFuzz", 5_000),
    SUCCESSION_MESSAGES("link.SuccessionMessagesFuzz", 10_000),
    DRIVER_URL("config.address.DriverUrlFuzz", 10_000),
    CONFIG("config.ConfigFuzz", 1_000),
    JSON_LINE("accesslog.JsonLineFuzz", 5_000),
    PEM("tls.PemFuzz", 1_000),
    KEY_FILE("config.KeyFileFuzz", 200);

    private final String className;
    private final int runs;

    /** @param runs how many inputs a build tries, a matter of a few seconds */
    Target(String className, int runs) {
        this.className = "io.hipache." + className;
        this.runs = runs;
    }

    String className() {
        return className;
    }

    int runs() {
        return runs;
    }

    /** The name in lower case, as the folder of its seeds has it. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The folder of the inputs that every build tries. */
    Path seedFolder() {
        return Path.of("src/test/resources/fuzz").resolve(text()).toAbsolutePath();
    }

    List<Path> seeds() throws IOException {
        try (var files = Files.list(seedFolder())) {
            return files.sorted().toList();
        }
    }

    /** Tries one input. */
    void run(byte[] input) throws Throwable {
        MethodHandle method = MethodHandles.publicLookup()
                .findStatic(
                        Class.forName(className),
                        "fuzzerTestOneInput",
                        MethodType.methodType(void.class, byte[].class));
        method.invokeExact(input);
    }
}
