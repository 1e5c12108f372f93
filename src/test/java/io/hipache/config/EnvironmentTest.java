package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.load;
import static io.hipache.config.Loading.problems;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hipache.config.address.DriverUrlText;
import io.hipache.config.environment.KeyVariables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Environment variables: {@code HIPACHE_*}, the files that they name, and <code>${NAME}</code> in the file. */
class EnvironmentTest {
    @ParameterizedTest
    @CsvSource({
        "server.port, HIPACHE_SERVER_PORT",
        "server.deadBackendTTL, HIPACHE_SERVER_DEAD_BACKEND_TTL",
        "server.plainIPv4, HIPACHE_SERVER_PLAIN_IPV4",
        "server.http2Window, HIPACHE_SERVER_HTTP2_WINDOW",
        "server.deadBackendOn500, HIPACHE_SERVER_DEAD_BACKEND_ON500",
        "server.maxConnectionsPerAddress, HIPACHE_SERVER_MAX_CONNECTIONS_PER_ADDRESS",
        "driver, HIPACHE_DRIVER"
    })
    void namesFollowOneRule(String path, String name) {
        assertThat(KeyVariables.nameOf(path)).isEqualTo(name);
    }

    @Test
    void countsMoreThanTheFileWhichCountsMoreThanTheDefault() throws Exception {
        String file = "{'server': {'workers': 2, 'maxSockets': 7}}";

        HipacheConfig config = load(file, Map.of("HIPACHE_SERVER_WORKERS", "3")).config();

        assertThat(config).isEqualTo(config("{'server': {'workers': 3, 'maxSockets': 7}}"));
        assertThat(config.server().retryOnError()).isEqualTo(3);
    }

    @Test
    void takesListsAndObjectsAsJson() throws Exception {
        Map<String, String> environment = Map.of(
                "HIPACHE_SERVER_ADDRESS", "[{\"address\": \"0.0.0.0\", \"port\": 81}]",
                "HIPACHE_SERVER_ADMIN", "{\"port\": 9180}",
                "HIPACHE_DRIVER", "[\"redis://a\", \"redis://b\"]",
                "HIPACHE_SERVER_ACTIVE_CHECK", "true");

        assertThat(load("{}", environment).config())
                .isEqualTo(config("{'server': {'address': [{'address': '0.0.0.0', 'port': 81}],"
                        + " 'admin': {'port': 9180}, 'activeCheck': true}, 'driver': ['redis://a', 'redis://b']}"));
    }

    @Test
    void takesTextsThatLookLikeNumbersWhereATextIsExpected() throws Exception {
        Map<String, String> environment = Map.of(
                "HIPACHE_SERVER_VIA_NAME", "123",
                "HIPACHE_SERVER_ADMIN_SOCKET", "/run/admin",
                "HIPACHE_SERVER_ADMIN_MODE", "0660",
                "HIPACHE_SERVER_ADMIN_TOKEN", "12345",
                "HIPACHE_USER", "1000",
                "HIPACHE_REDIS_PASSWORD", "[not JSON");

        LoadedConfig loaded = load("{}", environment);

        assertThat(loaded.config().server().viaName()).isEqualTo("123");
        assertThat(loaded.config().server().admin()).extracting("mode", "token").containsExactly("0660", "12345");
        assertThat(loaded.config().user()).isEqualTo("1000");
        assertThat(loaded.config().drivers().get(0).password()).isEqualTo("[not JSON");
    }

    @Test
    void changesOneKeyOfASection() throws Exception {
        String file = "{'server': {'admin': {'port': 9180, 'hosts': 7}, 'activeCheck': true}}";

        HipacheConfig config = load(
                        file, Map.of("HIPACHE_SERVER_ADMIN_PORT", "9181", "HIPACHE_SERVER_ACTIVE_CHECK_RISE", "2"))
                .config();

        assertThat(config)
                .isEqualTo(config("{'server': {'admin': {'port': 9181, 'hosts': 7}, 'activeCheck': {'rise': 2}}}"));
    }

    @Test
    void countsMoreThanAnotherKeyOfTheFileThatMeansTheSame() throws Exception {
        String file = "{'http': {'port': 81, 'bind': '127.0.0.2'}}";

        HipacheConfig config = load(
                        file, Map.of("HIPACHE_SERVER_PORT", "82", "HIPACHE_SERVER_ADDRESS", "[\"127.0.0.3\"]"))
                .config();

        assertThat(config.listeners()).extracting("address", "port").containsExactly(tuple("127.0.0.3", 82));
    }

    @ParameterizedTest
    @CsvSource({"HIPACHE_HTTPS_PORT", "HIPACHE_SERVER_HTTPS_PORT"})
    void changesHttpsWhereTheFileHasIt(String name) throws Exception {
        String pair = "'key': '" + Loading.KEY + "', 'cert': '" + Loading.CERT + "'";

        for (String file : List.of("{'https': {" + pair + "}}", "{'server': {'https': {" + pair + "}}}")) {
            LoadedConfig loaded = load(file, Map.of(name, "8443"));

            assertThat(loaded.config().listeners())
                    .filteredOn(listener -> listener.tls() != null)
                    .isNotEmpty()
                    .allMatch(listener -> listener.port() == 8443);
            assertThat(loaded.warnings()).isEmpty();
        }
    }

    @Test
    void anEmptyVariableCountsAsNotSet() throws Exception {
        assertThat(load("{'server': {'workers': 2}}", Map.of("HIPACHE_SERVER_WORKERS", "")))
                .extracting("config")
                .isEqualTo(config("{'server': {'workers': 2}}"));
    }

    @Test
    void readsSecretsFromFiles(@TempDir Path folder) throws Exception {
        Path driver = Files.writeString(folder.resolve("driver"), "redis://:s3cret@h:1\n");
        Path token = Files.writeString(folder.resolve("token"), "t0ken\n");

        LoadedConfig loaded = load(
                "{'server': {'admin': {'port': 1}}}",
                Map.of(
                        "HIPACHE_DRIVER_FILE", driver.toString(),
                        "HIPACHE_SERVER_ADMIN_TOKEN_FILE", token.toString()));

        assertThat(DriverUrlText.full(loaded.config().drivers().get(0))).contains("s3cret@h:1");
        assertThat(loaded.config().server().admin()).extracting("token").isEqualTo("t0ken");
        assertThat(loaded.origins().get(0))
                .contains("driver (HIPACHE_DRIVER_FILE)")
                .doesNotContain("s3cret");
    }

    @Test
    void saysWhatIsWrongWithAFileOfASecret(@TempDir Path folder) {
        Path none = folder.resolve("none");

        assertThat(problems("{}", Map.of("HIPACHE_DRIVER_FILE", none.toString())))
                .containsExactly("driver (HIPACHE_DRIVER_FILE): cannot read " + none + ": no such file or folder");
        assertThat(problems("{}", Map.of("HIPACHE_DRIVER_FILE", "/dev/null", "HIPACHE_DRIVER", "redis:")))
                .contains("driver (HIPACHE_DRIVER): give either HIPACHE_DRIVER or HIPACHE_DRIVER_FILE");
    }

    @Test
    void problemsNameTheVariable() {
        assertThat(problems(
                        "{}",
                        Map.of(
                                "HIPACHE_SERVER_WORKERS", "five",
                                "HIPACHE_SERVER_TRUSTED_PROXIES", "[\"10.0.0.0/8\"",
                                "HIPACHE_DRIVER", "[\"etcd://h\"]",
                                "HIPACHE_HTTPS_CERTIFICATES_HOSTS", "x")))
                .containsExactlyInAnyOrder(
                        "server.workers (HIPACHE_SERVER_WORKERS): expected a whole number of at least 1, got \"five\"",
                        "server.trustedProxies (HIPACHE_SERVER_TRUSTED_PROXIES): expected a list of addresses or blocks"
                                + " such as 10.0.0.0/8, got \"[\\\"10.0.0.0/8\\\"\", which is not JSON",
                        "driver[0] (HIPACHE_DRIVER): unknown driver etcd:, the ones known are redis:, rediss:,"
                                + " redis-socket: and redis-sentinel:");
    }

    @Test
    void refusesAKeyInsideOfAValueWithoutKeys() {
        assertThat(problems("{'server': {'admin': [9180]}}", Map.of("HIPACHE_SERVER_ADMIN_PORT", "81")))
                .contains("server.admin.port (HIPACHE_SERVER_ADMIN_PORT): server.admin has a value without keys,"
                        + " so set HIPACHE_SERVER_ADMIN as a whole");
    }

    @Test
    void warnsOfUnknownVariables() throws Exception {
        Map<String, String> environment = Map.of(
                "HIPACHE_SERVER_WORKER", "s3cret",
                "HIPACHE_PORT", "80",
                "HIPACHE_SERVER_PORT_FILE", "/f",
                "HIPACHE_MISTAKEN_ALTOGETHER", "1",
                "HIPACHE_JAVA_OPTS", "-Xmx1g",
                "SETTINGS_FLAVOR", "test");

        assertThat(load("{}", environment).warnings())
                .containsExactlyInAnyOrder(
                        "HIPACHE_SERVER_WORKER: unknown environment variable, ignored, did you mean"
                                + " HIPACHE_SERVER_WORKERS?",
                        "HIPACHE_PORT: unknown environment variable, ignored, did you mean HIPACHE_HTTP_PORT?",
                        "HIPACHE_SERVER_PORT_FILE: unknown environment variable, ignored, did you mean"
                                + " HIPACHE_SERVER_PORT?",
                        "HIPACHE_MISTAKEN_ALTOGETHER: unknown environment variable, ignored");
    }

    @Test
    void replacesReferencesInTheFile() throws Exception {
        Map<String, String> environment = Map.of(
                "REDIS_PASSWORD", "s3cret", "HOST", "h", "WORKERS", "3", "NETS", "[\"10.0.0.0/8\"]", "DEBUG", "true");

        LoadedConfig loaded = load(
                "{'server': {'workers': '${WORKERS}', 'trustedProxies': '${NETS}', 'debug': '${DEBUG}',"
                        + " 'log': '/l/$${HOST}-${HOST}-$HOST'}, 'driver': ['redis://:${REDIS_PASSWORD}@${HOST}']}",
                environment);

        assertThat(loaded.config())
                .isEqualTo(config("{'server': {'workers': 3, 'trustedProxies': ['10.0.0.0/8'], 'debug': true,"
                        + " 'log': '/l/${HOST}-h-$HOST'}, 'driver': ['redis://:s3cret@h']}"));
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.origins())
                .contains("from the environment: driver[0] (${REDIS_PASSWORD}, ${HOST}), server.debug (${DEBUG}),"
                        + " server.log (${HOST}), server.trustedProxies (${NETS}), server.workers (${WORKERS})");
    }

    @Test
    void saysWhichKeyRefersToWhatIsNotThere() {
        assertThat(problems("{'driver': 'redis://:${NONE}@h', 'user': '${a b}', 'server': {'log': '/${'}}", Map.of()))
                .containsExactlyInAnyOrder(
                        "driver: the environment variable NONE is not set",
                        "user: expected the name of an environment variable in ${…}; a literal ${ is written $${",
                        "server.log: expected the name of an environment variable in ${…}; a literal ${ is written $${");
    }

    @Test
    void saysWhereValuesComeFrom() throws Exception {
        LoadedConfig loaded = load(
                "{'server': {'workers': 2, 'admin': {'port': 1}}, 'http': {'bind': [{'address': '::1', 'port': 1}]}}",
                Map.of("HIPACHE_SERVER_PORT", "81"));

        assertThat(loaded.origins())
                .containsExactly(
                        "from the environment: server.port (HIPACHE_SERVER_PORT)",
                        "from the file: http.bind, server.admin.port, server.workers",
                        "by default: everything else");
    }

    @Test
    void saysThatNoValueComesFromAnywhere() throws Exception {
        assertThat(load("{}", Map.of()).origins()).containsExactly("from the file: nothing", "by default: everything");
    }

    @Test
    void hasNoInfluenceOnWhatAProgramHasMade() throws Exception {
        ConfigLoader loader =
                new ConfigLoader(Loading.STATIC_ERRORS, 4, true, null, Map.of("HIPACHE_SERVER_PORT", "81"));

        assertThat(loader.parse("{\"server\": {\"log\": \"/${HOME}\"}}").config())
                .isEqualTo(config("{'server': {'log': '/${HOME}'}}"));
    }

    @Test
    void theDocumentationNamesTheVariables() throws Exception {
        String page = Files.readString(Path.of("docs/environment.md"));
        KeyVariables variables = ConfigLoader.variables();

        Matcher row = Pattern.compile("^\\| `([A-Za-z0-9.]+)` \\| `(HIPACHE_\\w+)` \\|$", Pattern.MULTILINE)
                .matcher(page);
        assertThat(row.results().map(each -> KeyVariables.nameOf(each.group(1)) + " " + each.group(2)))
                .isNotEmpty()
                .allMatch(both -> both.matches("(\\w+) \\1"));
        // server.admin.tokenFile is a key of its own
        assertThat(variables.namesOfFiles())
                .filteredOn(name -> !name.contains("SERVER_HTTPS"))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }
}
