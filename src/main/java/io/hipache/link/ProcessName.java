package io.hipache.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name of this process in {@code ps -e}, {@code top} and {@code pgrep}. The kernel keeps 15 characters (proc(5), {@code
 * comm}). The command line stays as it is.
 */
public final class ProcessName {
    private static final Logger log = LoggerFactory.getLogger(ProcessName.class);

    private ProcessName() {}

    /** Names this process. A system that does not allow that is no reason not to run. */
    public static void set(String name) {
        try {
            Files.write(Path.of("/proc/self/comm"), name.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            log.debug("cannot name the process: {}", e.toString());
        }
    }
}
