package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.ServiceManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as systemd starts it. */
class ServiceIT {
    private final Path folder;

    ServiceIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void isReadyWhenEveryListenerIsServedAndSaysThatItEnds() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(folder, 2, Map.of("NOTIFY_SOCKET", socket))) {
            manager.await("READY=1\nSTATUS=serving http://127.0.0.1:");
            program.awaitOutput("is ready", 2);

            signal("TERM", program.process().pid());

            manager.await("STOPPING=1");
            assertThat(program.awaitExit()).isZero();
            assertThat(manager.messages()).hasSize(2);
        }
    }

    @Test
    void tellsWhenAReloadBeginsAndWhenItIsOver() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(folder, 1, Map.of("NOTIFY_SOCKET", socket))) {
            manager.await("READY=1");

            program.reload(1, 0);
            program.awaitOutput("reload complete", 1);
            signal("TERM", program.process().pid());
            manager.await("STOPPING=1");

            assertThat(manager.messages()).hasSize(4);
            assertThat(manager.messages().get(1)).matches("RELOADING=1\nMONOTONIC_USEC=\\d+\nSTATUS=.*");
            assertThat(manager.messages().get(2)).startsWith("READY=1\nSTATUS=serving http://127.0.0.1:");
        }
    }

    @Test
    void tellsThatAReloadIsOverWhenItIsRefused() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(folder, 1, Map.of("NOTIFY_SOCKET", socket))) {
            manager.await("READY=1");

            program.reloadNonsense();
            program.awaitOutput("the configuration stays as it was", 1);
            signal("TERM", program.process().pid());
            manager.await("STOPPING=1");

            assertThat(manager.messages()).hasSize(4);
            assertThat(manager.messages().get(1)).startsWith("RELOADING=1\nMONOTONIC_USEC=");
            assertThat(manager.messages().get(2)).startsWith("READY=1\nSTATUS=serving http://127.0.0.1:");
        }
    }

    @Test
    void isNotReadyWhileNoWorkerIs() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program =
                        RunningProgram.startAsService(folder, 1, Map.of("NOTIFY_SOCKET", socket), "refusing-worker")) {

            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(manager.messages()).noneMatch(message -> message.contains("READY=1"));
        }
    }

    @Test
    void givesSignsOfLifeAndKeepsTheSocketFromTheWorkers() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(socket);
                RunningProgram program = RunningProgram.startAsService(
                        folder, 1, Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "200000"))) {
            manager.await("READY=1");

            manager.await("WATCHDOG=1");

            Path environment = Path.of("/proc", String.valueOf(program.anyWorker()), "environ");
            assertThat(Files.readString(environment)).contains("PATH=").doesNotContain("NOTIFY_SOCKET", "WATCHDOG_");
        }
    }
}
