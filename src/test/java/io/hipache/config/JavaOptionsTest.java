package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.problems;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaOptionsTest {

    @Test
    void keepsTheOrder() throws ConfigException {
        assertThat(config("{'server': {'javaOptions': ['-Xss1m', '-Da=b c', '--add-opens=a/b=ALL-UNNAMED']}}")
                        .server()
                        .javaOptions())
                .containsExactly("-Xss1m", "-Da=b c", "--add-opens=a/b=ALL-UNNAMED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Main",
                "-version",
                "-help",
                "-cp",
                "-jar",
                "@file",
                "--class-path=x",
                "-X",
                "-showversion",
                "-verbose:gc",
                "-XshowSettings:all",
                "--dry-run"
            })
    void refusesWhatIsNoOptionOfARunningProgram(String word) {
        assertThat(problems("{'server': {'javaOptions': ['-Xint', '" + word + "']}}"))
                .singleElement()
                .asString()
                .startsWith("server.javaOptions[1]: expected an option of the Java runtime");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx1g", "-XX:MaxHeapSize=1g", "-XX:MaxDirectMemorySize=1g", "-XX:MaxMetaspaceSize=1g"})
    void refusesLimitsOfMemory(String option) {
        assertThat(problems("{'server': {'javaOptions': ['" + option + "']}}"))
                .singleElement()
                .asString()
                .contains("server.memoryLimit sets the limits of a worker's JVM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xlog", "-Xlog:gc", "-Xlog:gc*=debug", "-Xlog:gc:stdout", "-Xlog:gc::uptime"})
    void refusesALogOnStandardOutput(String option) {
        assertThat(problems("{'server': {'javaOptions': ['" + option + "']}}"))
                .singleElement()
                .asString()
                .contains("standard output carries the worker's messages");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xlog:gc:stderr",
                "-Xlog:gc:stderr:uptime",
                "-Xlog:gc*:file=/tmp/gc.log:time",
                "-Xlog:disable",
                "-Xlog:gc:/tmp/gc.log"
            })
    void takesALogElsewhere(String option) throws ConfigException {
        assertThat(config("{'server': {'javaOptions': ['" + option + "']}}")
                        .server()
                        .javaOptions())
                .containsExactly(option);
    }

    @Test
    void refusesAText() {
        assertThat(problems("{'server': {'javaOptions': '-Xint'}}"))
                .singleElement()
                .asString()
                .startsWith("server.javaOptions: expected a list of options");
    }
}
