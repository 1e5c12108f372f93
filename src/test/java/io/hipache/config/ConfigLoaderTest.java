package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.load;
import static io.hipache.config.Loading.loader;
import static io.hipache.config.Loading.problems;
import static io.hipache.config.Loading.warnings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.LruCache;
import io.hipache.config.address.DriverUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    @Test
    void fillsInEveryDefault() throws Exception {
        LoadedConfig loaded = load("{}");

        HipacheConfig.Server server = loaded.config().server();
        assertThat(server.accessLog()).isEqualTo("/var/log/hipache/access.log");
        assertThat(server.log()).isEqualTo("stderr");
        assertThat(server.workers()).isEqualTo(4);
        assertThat(server.maxSockets()).isEqualTo(100);
        assertThat(server.deadBackendTtl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(server.tcpTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(server.tunnelTimeout()).isZero();
        assertThat(server.retryOnError()).isEqualTo(3);
        assertThat(server.deadBackendOn500()).isTrue();
        assertThat(server.deadBackendOnUnsupported()).isFalse();
        assertThat(server.softDeathCap()).isEqualTo(50);
        assertThat(server.httpKeepAlive()).isTrue();
        assertThat(server.http2()).isTrue();
        assertThat(server.memoryLimit()).isEqualTo(256);
        assertThat(server.gracefulWait()).isEqualTo(Duration.ofMinutes(2));
        assertThat(server.stopTimeout()).isEqualTo(Duration.ofSeconds(8));
        assertThat(server.staticDir()).isEqualTo(Loading.STATIC_ERRORS);
        assertThat(server.lruCache()).isNull();
        assertThat(server.debug()).isFalse();
        assertThat(server.plainIpv4()).isFalse();
        assertThat(server.trustedProxies())
                .containsExactly("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");
        assertThat(server.deadByMatchedKey()).isFalse();
        assertThat(server.deadAnnouncedRaw()).isFalse();
        assertThat(loaded.config().listeners())
                .containsExactly(new Listener("127.0.0.1", 80, null), new Listener("::1", 80, null));
        assertThat(loaded.config().drivers()).containsExactly(new DriverUrl("127.0.0.1", 6379, null, 0, ""));
        assertThat(loaded.config().user()).isEqualTo("www-data");
        assertThat(loaded.config().group()).isEqualTo("www-data");
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void takesEveryKeyOfTheServer() throws Exception {
        HipacheConfig.Server server = config(
                        "{'server': {'accessLog': 'logs/access.log', 'workers': 5, 'maxSockets': 7, 'maxBackends': 8,"
                                + "'deadBackendTTL': 11, 'tcpTimeout': 0.5, 'retryOnError': 0, 'deadBackendOn500': false, 'tunnelTimeout': 3600,"
                                + "'httpKeepAlive': false, 'http2': false, 'memoryLimit': 64, 'gracefulWait': 1, 'stopTimeout': 2,"
                                + "'staticDir': 'src', 'lruCache': {'size': 5, 'ttl': 1.5}, 'debug': true, 'plainIPv4': true,"
                                + "'trustedProxies': ['192.0.2.0/24', '2001:db8::1'], 'deadKey': 'matched',"
                                + "'deadAnnounceUrl': 'raw'}}")
                .server();

        assertThat(server.accessLog()).isEqualTo(absolute("logs/access.log"));
        assertThat(server.workers()).isEqualTo(5);
        assertThat(server.maxSockets()).isEqualTo(7);
        assertThat(server.maxBackends()).isEqualTo(8);
        assertThat(server.deadBackendTtl()).isEqualTo(Duration.ofSeconds(11));
        assertThat(server.tcpTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(server.tunnelTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(server.retryOnError()).isZero();
        assertThat(server.deadBackendOn500()).isFalse();
        assertThat(server.httpKeepAlive()).isFalse();
        assertThat(server.http2()).isFalse();
        assertThat(server.memoryLimit()).isEqualTo(64);
        assertThat(server.gracefulWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(server.stopTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(server.staticDir()).hasToString(absolute("src"));
        assertThat(server.lruCache()).isEqualTo(new LruCache(5, Duration.ofMillis(1500)));
        assertThat(server.debug()).isTrue();
        assertThat(server.plainIpv4()).isTrue();
        assertThat(server.trustedProxies()).containsExactly("192.0.2.0/24", "2001:db8::1");
        assertThat(server.deadByMatchedKey()).isTrue();
        assertThat(server.deadAnnouncedRaw()).isTrue();
    }

    @Test
    void tellsEveryProblemAtOnceWithItsPath() {
        assertThat(problems("{'server': {'workers': 'five', 'port': 70000, 'debug': 'yes'}, 'driver': 'memcached:'}"))
                .containsExactlyInAnyOrder(
                        "server.workers: expected a whole number of at least 1, got \"five\"",
                        "server.port: expected a port from 1 to 65535, got 70000",
                        "server.debug: expected true or false, got \"yes\"",
                        "driver: unknown driver memcached:, the ones known are redis:, rediss:, redis-socket: and redis-sentinel:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "workers        | 0              | expected a whole number of at least 1, got 0",
                "workers        | 1.5            | expected a whole number of at least 1, got 1.5",
                "workers        | 5000           | expected a whole number of at most 1024, got 5000",
                "workers        | 1e400          | expected a whole number of at most 1024, got 1E+400",
                "workers        | []             | expected a whole number of at least 1, got []",
                "maxSockets     | 0              | expected a whole number of at least 1, got 0",
                "deadBackendTTL | 0              | expected a whole number of at least 1, got 0",
                "tcpTimeout     | -1             | expected a number of seconds of at least 0, got -1",
                "tcpTimeout     | true           | expected a number of seconds of at least 0, got true",
                "tcpTimeout     | 1e12           | expected a number of seconds of at most 315360000, got 1E+12",
                "tunnelTimeout  | -1             | expected a number of seconds of at least 0, got -1",
                "retryOnError   | -1             | expected a whole number of at least 0, got -1",
                "port           | 0              | expected a port from 1 to 65535, got 0",
                "accessLog      | 5              | expected a text, got 5",
                "accessLog      | \"\"           | expected a text, got \"\"",
                "accessLog      | \"syslog:x\"   | expected syslog:, syslog:/path or syslog:udp:host:port",
                "accessLog      | \"syslog:udp:\" | expected syslog:udp:host:port, with an IPv6 address in brackets",
                "accessLog      | \"syslog:udp:h:0\" | expected a port from 1 to 65535",
                "accessLogFormat | \"JSON\"      | expected \"hipache\" or \"extended\" or \"json\" or \"combined\", got \"JSON\"",
                "accessLogQuery | \"no\"         | expected true or false, got \"no\"",
                "accessLogAddress | \"none\"     | expected \"full\" or \"short\", got \"none\"",
                "logRefused     | 0              | expected true or false, got 0",
                "log            | true           | expected a text, got true",
                "log            | \"syslog:x\"   | expected a path, stderr or stdout, syslog is not supported",
                "trustedProxies | \"10.0.0.0/8\" | expected a list of addresses or blocks such as 10.0.0.0/8, got \"10.0.0.0/8\"",
                "deadKey        | true           | expected \"requested\" or \"matched\", got true",
                "deadAnnounceUrl| \"RAW\"        | expected \"href\" or \"raw\", got \"RAW\"",
                "cache          | \"on\"         | expected \"off\" or \"tracking\", got \"on\"",
                "cacheMemory    | 0              | expected a whole number of at least 1, got 0",
                "staleIfDown    | -1             | expected a number of seconds of at least 0, got -1",
                "settle         | 70000          | expected a whole number of at most 60000, got 70000",
                "lruCache       | 5              | expected an object, got 5",
            })
    void tellsWhatItExpected(String key, String value, String problem) {
        assertThat(problems("{'server': {'" + key + "': " + value + "}}"))
                .containsExactly("server." + key + ": " + problem);
    }

    @Test
    void refusesWhatIsNoAddressBlock() {
        assertThat(problems("{'server': {'trustedProxies': ['10.0.0.0/8', '10.0.0.0/33', 'localhost', 5]}}"))
                .containsExactly(
                        "server.trustedProxies[1]: expected an address or a block such as 10.0.0.0/8, got \"10.0.0.0/33\"",
                        "server.trustedProxies[2]: expected an address or a block such as 10.0.0.0/8, got \"localhost\"",
                        "server.trustedProxies[3]: expected an address or a block such as 10.0.0.0/8, got 5");
    }

    @Test
    void refusesAFolderOfErrorPagesThatIsNone() {
        assertThat(problems("{'server': {'staticDir': 'pom.xml'}}"))
                .containsExactly("server.staticDir: " + absolute("pom.xml") + " is not a directory");
    }

    @Test
    void wantsALifetimeForTheCache() throws Exception {
        assertThat(problems("{'server': {'lruCache': {'size': 5}}}"))
                .containsExactly("server.lruCache.ttl: missing, say for how many seconds a look-up is kept");
        assertThat(config("{'server': {'lruCache': false}}").server().lruCache())
                .isNull();
    }

    @Test
    void givesTheCopyAnEighthOfTheMemoryOfAWorker() throws Exception {
        assertThat(config("{}").server().cacheMemory()).isEqualTo(32);
        assertThat(config("{'server': {'memoryLimit': 512}}").server().cacheMemory())
                .isEqualTo(64);
        assertThat(config("{'server': {'memoryLimit': 7}}").server().cacheMemory())
                .isEqualTo(1);
        assertThat(ConfigJson.masked(config("{}"))).contains("\"cacheMemory\" : 32");
    }

    @Test
    void staysStaleForAnHourWithTracking() throws Exception {
        assertThat(config("{}").server().staleIfDown()).isZero();
        assertThat(config("{'server': {'cache': 'tracking'}}").server().staleIfDown())
                .isEqualTo(Duration.ofHours(1));
        assertThat(config("{'server': {'cache': 'tracking', 'staleIfDown': 0}}")
                        .server()
                        .staleIfDown())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'snapshot': 's'",
                "'snapshot': 's', 'cache': 'tracking', 'staleIfDown': 0",
                "'snapshot': 's', 'staleIfDown': 0.0"
            })
    void warnsOfASnapshotFromWhichNothingIsAnswered(String server) throws Exception {
        assertThat(warnings("{'server': {" + server + "}}"))
                .containsExactly("server.snapshot: of no use with a staleIfDown of 0: nothing is answered from it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'cache': 'tracking'", "'staleIfDown': 1"})
    void takesASnapshotBesideWhatAnswersFromIt(String server) throws Exception {
        assertThat(warnings("{'server': {'snapshot': 's', " + server + "}}")).isEmpty();
    }

    @Test
    void takesNullForTheDefault() throws Exception {
        assertThat(config("{'server': {'staticDir': null, 'workers': null}, 'https': null, 'driver': null}"))
                .isEqualTo(config("{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "stdout"})
    void writesTheAccessLogToStandardOutput(String name) throws Exception {
        assertThat(config("{'server': {'accessLog': '" + name + "'}}").server().accessLog())
                .isEqualTo("-");
        assertThat(config("{'server': {'log': '" + name + "'}}").server().log()).isEqualTo("stdout");
    }

    @Test
    void takesANumberWrittenAsTextWithAWarning() throws Exception {
        LoadedConfig loaded = load("{'server': {'workers': '5'}}");

        assertThat(loaded.config().server().workers()).isEqualTo(5);
        assertThat(loaded.warnings()).containsExactly("server.workers: the number \"5\" is written as text");
    }

    @Test
    void warnsOfAMemoryLimitThatNoWorkerKeeps() throws Exception {
        assertThat(warnings("{'server': {'memoryLimit': 127}}"))
                .containsExactly(
                        "server.memoryLimit: a worker needs about 128 MB; with less it is replaced every few minutes");
        assertThat(warnings("{'server': {'memoryLimit': 128}}")).isEmpty();
    }

    @Test
    void warnsOfUnknownKeysAndSuggestsTheNearest() throws Exception {
        assertThat(warnings("{'server': {'nam': 1, 'prot': 80, 'tls': true}}"))
                .containsExactly(
                        "server.nam: unknown key, ignored",
                        "server.prot: unknown key, ignored, did you mean server.port?",
                        "server.tls: unknown key, ignored");
        assertThat(warnings(
                        "{'server': {'wokers': 5, 'deadBackendTtl': 3, 'frobnicate': 1}, 'port': 80, 'drivers': []}"))
                .containsExactly(
                        "port: unknown key, ignored, did you mean server.port?",
                        "drivers: unknown key, ignored, did you mean driver?",
                        "server.wokers: unknown key, ignored, did you mean server.workers?",
                        "server.deadBackendTtl: unknown key, ignored, did you mean server.deadBackendTTL?",
                        "server.frobnicate: unknown key, ignored");
    }

    @Test
    void warnsBesideTheProblemsToo() {
        ConfigException e =
                catchThrowableOfType(ConfigException.class, () -> load("{'server': {'wokers': 5}, 'driver': 5}"));

        assertThat(e.problems()).hasSize(1);
        assertThat(e.warnings()).containsExactly("server.wokers: unknown key, ignored, did you mean server.workers?");
    }

    @Test
    void keepsTheUserAndPutsItInAGroupOfItsName() throws Exception {
        assertThat(config("{'user': 'hipache'}")).extracting("user", "group").containsExactly("hipache", "hipache");
        assertThat(config("{'user': 33, 'group': 'adm'}"))
                .extracting("user", "group")
                .containsExactly("33", "adm");
    }

    @Test
    void allowsCommentsTrailingCommasAndAByteOrderMark() throws Exception {
        String json = "\uFEFF{ // the main part\n 'server': {'workers': 2, /* enough */}, }";

        assertThat(config(json).server().workers()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\\n \"server\": {\\n  \"port\" 80}}  | not JSON, line 3, column 10: ",
                "{\"server\": {                         | not JSON, line 1, column 13: Unexpected end-of-input",
                "{\"user\": 1, \"user\": 2}             | Duplicate field 'user'",
                "{} {}                                  | not JSON, line 1, column 4: there is more after",
                "[]                                     | expected a JSON object at the top",
                "''                                     | expected a JSON object, got nothing",
            })
    void tellsWhereTheFileIsNotJson(String json, String problem) {
        assertThat(problems(json.replace("\\n", "\n")))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void tellsThatAFileCannotBeRead(@TempDir Path dir) throws Exception {
        Path binary = Files.write(dir.resolve("binary.json"), new byte[] {'{', (byte) 0xff, '}'});

        assertThatThrownBy(() -> loader().load(dir.resolve("none.json")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("cannot read the file: no such file or folder");
        assertThatThrownBy(() -> loader().load(dir)).hasMessage("cannot read the file: is a directory");
        assertThatThrownBy(() -> loader().load(binary)).hasMessage("the file is not UTF-8 text");
    }

    @Test
    void takesNoShortTimeForNoLimit() throws Exception {
        assertThat(load("{'server': {'tcpTimeout': 0.0004}}").config().server().tcpTimeout())
                .isEqualTo(Duration.ofMillis(1));
    }

    @Test
    @Timeout(20)
    void aFileWithoutAnEndIsAProblem() {
        assertThatThrownBy(() -> loader().load(Path.of("/dev/zero"))).hasMessage("cannot read the file: is too large");
    }

    @Test
    @Timeout(20)
    void doesNotWaitForAPipeWhenItReadsAgain(@TempDir Path dir) throws Exception {
        Path pipe = dir.resolve("pipe.json");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThatThrownBy(() -> loader().loadAgain(pipe)).hasMessage("cannot read the file: is a named pipe");
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().toString();
    }
}
