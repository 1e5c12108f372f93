package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.StartException;
import io.hipache.testing.RecordedLog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerCommandLineTest {

    @Test
    void endsWithTheProgram() throws ConfigException {
        assertThat(WorkerCommandLine.HIPACHE.words(server("{}")))
                .endsWith("-cp", System.getProperty("java.class.path"), "io.hipache.Main", "worker");
    }

    @Test
    void holdsOnlyFlagsThatThisJavaTakesInSilence() throws Exception {
        List<String> flags = new ArrayList<>(WorkerCommandLine.HIPACHE.words(server("{}")));
        flags.subList(flags.indexOf("-cp"), flags.size()).clear();
        flags.add("-version");

        Process java = new ProcessBuilder(flags).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(output).containsIgnoringCase("version").doesNotContainIgnoringCase("warning");
    }

    @Test
    void hasTheLimitsThatFollowFromTheMemoryLimit() throws ConfigException {
        assertThat(WorkerCommandLine.HIPACHE.words(server("{\"server\": {\"memoryLimit\": 512}}")))
                .containsAll(WorkerMemory.of(512).flags());
    }

    @Test
    void givesTheWorkerTheOptionsOfTheAdministratorAfterItsOwn() throws ConfigException {
        List<String> words = WorkerCommandLine.HIPACHE.words(
                server("{\"server\": {\"javaOptions\": [\"-Xss1m\", \"-XX:+UseG1GC\"]}}"));

        assertThat(words.indexOf("-Xss1m"))
                .isGreaterThan(words.indexOf("-Xss512k"))
                .isLessThan(words.indexOf("-cp"));
        assertThat(words).contains("-XX:+UseG1GC").doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void refusesOptionsThatThisJavaDoesNotKnow() throws Exception {
        WorkerCommandLine.check(server("{\"server\": {\"javaOptions\": [\"-XX:+HeapDumpOnOutOfMemoryError\"]}}"));

        assertThatThrownBy(() -> WorkerCommandLine.check(
                        server("{\"server\": {\"javaOptions\": [\"-XX:+HeapDumpOnOutOfMemory\"]}}")))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith(
                        "the Java runtime refuses server.javaOptions: Unrecognized VM option 'HeapDumpOnOutOfMemory'");
    }

    @Test
    void tellsWhatTheJavaRuntimeWarnsOf() throws Exception {
        try (RecordedLog log = RecordedLog.of(WorkerCommandLine.class)) {
            WorkerCommandLine.check(server("{\"server\": {\"javaOptions\": [\"-Xverify:none\"]}}"));

            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("the Java runtime warns of server.javaOptions: ")
                    .contains("-Xverify:none");
        }
    }

    private static HipacheConfig.Server server(String json) throws ConfigException {
        return ConfigJson.decode(json).server();
    }

    @Test
    void namesTheKeysThatALivingProcessCannotFollow() throws Exception {
        HipacheConfig present = ConfigJson.decode("{}");

        assertThat(WorkerCommandLine.keysOfNewProcess(
                        present,
                        ConfigJson.decode("{\"server\": {\"memoryLimit\": 300, \"javaOptions\": [\"-Xint\"]}}")))
                .containsExactly("server.memoryLimit", "server.javaOptions");
        assertThat(WorkerCommandLine.keysOfNewProcess(
                        present,
                        ConfigJson.decode("{\"server\": {\"workers\": 9, \"tcpTimeout\": 5, \"port\": 81, "
                                + "\"debug\": true}, \"driver\": \"redis://h\"}")))
                .isEmpty();
    }

    @Test
    void countsTheAccountWhereTheSupervisorCanGiveAnother() throws Exception {
        HipacheConfig present = ConfigJson.decode("{\"user\": \"one\", \"group\": \"one\"}");
        HipacheConfig wanted = ConfigJson.decode("{\"user\": \"two\", \"group\": \"two\"}");

        assertThat(WorkerPrivileges.keysThatDiffer(present, wanted, true)).containsExactly("user", "group");
        assertThat(WorkerPrivileges.keysThatDiffer(present, wanted, false)).isEmpty();
    }
}
