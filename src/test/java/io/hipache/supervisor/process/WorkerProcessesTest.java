package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerProcessesTest {
    private final Set<ProcessHandle> before = ProcessHandle.current().children().collect(Collectors.toSet());
    private final WorkerProcesses processes = new WorkerProcesses(WorkerCommandLine.HIPACHE);

    @AfterEach
    void end() {
        processes.close();
        children().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void aProcessThatWasStartedAheadIsTakenOnce() throws Exception {
        processes.startAhead(config(""));
        List<ProcessHandle> ahead = children();
        assertThat(ahead).hasSize(1);

        Process first = processes.start(config(""));
        Process second = processes.start(config(""));

        assertThat(first.toHandle()).isEqualTo(ahead.get(0));
        assertThat(second.pid()).isNotEqualTo(first.pid());
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void anotherCommandLineNeedsAnotherProcess() throws Exception {
        processes.startAhead(config(""));
        ProcessHandle ahead = children().get(0);

        Process worker = processes.start(config("\"memoryLimit\": 512"));

        assertThat(worker.pid()).isNotEqualTo(ahead.pid());
        assertThat(ahead.onExit().get(20, TimeUnit.SECONDS)).isEqualTo(ahead);
        assertThat(worker.isAlive()).isTrue();
    }

    @Test
    void aProcessThatNobodyTakesEnds() throws Exception {
        processes.startAhead(config(""));
        ProcessHandle ahead = children().get(0);

        processes.close();

        assertThat(ahead.onExit().get(20, TimeUnit.SECONDS)).isEqualTo(ahead);
    }

    @Test
    void aProcessThatWaitsEndsWithItsSupervisor() throws Exception {
        processes.startAhead(config(""));
        Process worker = processes.start(config(""));

        worker.getOutputStream().close();

        assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.getErrorStream().readAllBytes()).isEmpty();
    }

    private List<ProcessHandle> children() {
        return ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .toList();
    }

    private static HipacheConfig config(String server) throws Exception {
        return ConfigJson.decode(
                "{\"server\": {" + server + "}, \"user\": \"" + System.getProperty("user.name") + "\"}");
    }
}
