package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.load;
import static io.hipache.config.Loading.problems;
import static io.hipache.config.Loading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.address.DriverAddress;
import io.hipache.config.address.DriverAddress.Sentinels;
import io.hipache.config.address.DriverAddress.Server;
import io.hipache.config.address.DriverAddress.Tls;
import io.hipache.config.address.DriverAddress.UnixSocket;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrlText;
import io.hipache.config.address.DriverUrls;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DriverKeysTest {
    private static final Tls TRUSTED = new Tls(true, null);

    static Stream<Arguments> urls() {
        return Stream.of(
                Arguments.of("redis:", new DriverUrl("127.0.0.1", 6379, null, 0, "")),
                Arguments.of("REDIS:", new DriverUrl("127.0.0.1", 6379, null, 0, "")),
                Arguments.of("redis://", new DriverUrl("127.0.0.1", 6379, null, 0, "")),
                Arguments.of("redis://:6380", new DriverUrl("127.0.0.1", 6380, null, 0, "")),
                Arguments.of("redis://db", new DriverUrl("db", 6379, null, 0, "")),
                Arguments.of("redis://my_db:7000/", new DriverUrl("my_db", 7000, null, 0, "")),
                Arguments.of("redis://db/3", new DriverUrl("db", 6379, null, 3, "")),
                Arguments.of("redis:///3#p:", new DriverUrl("127.0.0.1", 6379, null, 3, "p:")),
                Arguments.of("redis:/3", new DriverUrl("127.0.0.1", 6379, null, 3, "")),
                Arguments.of("redis:#p", new DriverUrl("127.0.0.1", 6379, null, 0, "p")),
                Arguments.of("redis://[::1]:6380", new DriverUrl("::1", 6380, null, 0, "")),
                Arguments.of("redis://:s%40c%2Fret%25+@h", new DriverUrl("h", 6379, "s@c/ret%+", 0, "")),
                Arguments.of("redis://:a:b@c@h:1/2#x#%41", new DriverUrl("h", 1, "a:b@c", 2, "x#%41")),
                Arguments.of("redis://pw@h", new DriverUrl("h", 6379, "pw", 0, "")),
                Arguments.of("redis://:@h", new DriverUrl("h", 6379, null, 0, "")),
                Arguments.of("redis://user:@h", new DriverUrl("h", 6379, null, 0, "")),
                Arguments.of("redis://us%3Aer:pw@h:1/2#p", url(new Server("h", 1, null), "us:er", "pw", 2, "p")),
                Arguments.of("rediss://h", url(new Server("h", 6379, new Tls(true, null)), null, null, 0, "")),
                Arguments.of("rediss://h?verify=true", url(new Server("h", 6379, TRUSTED), null, null, 0, "")),
                Arguments.of(
                        "rediss://:p%3Fw@h:1/2?verify=false#p",
                        url(new Server("h", 1, new Tls(false, null)), null, "p?w", 2, "p")),
                Arguments.of(
                        "rediss://h/?ca=" + Loading.CERT,
                        url(
                                new Server(
                                        "h",
                                        6379,
                                        new Tls(true, Path.of(Loading.CERT).toAbsolutePath())),
                                null,
                                null,
                                0,
                                "")),
                Arguments.of("redis-socket:///run/redis.sock", socket("/run/redis.sock", null, null, 0, "")),
                Arguments.of("redis-socket:/run/redis.sock", socket("/run/redis.sock", null, null, 0, "")),
                Arguments.of("unix:///a%20b/c%3F?db=3#p", socket("/a b/c?", null, null, 3, "p")),
                Arguments.of("redis-socket://u:p@/r.sock?database=2", socket("/r.sock", "u", "p", 2, "")),
                Arguments.of(
                        "redis-sentinel://s?master=mymaster",
                        url(new Sentinels(List.of(new Server("s", 26379, null)), "mymaster"), null, null, 0, "")),
                Arguments.of(
                        "redis-sentinel://u:p@s1:1,[::1],s3/4?sentinelMasterId=my%20master#p",
                        url(
                                new Sentinels(
                                        List.of(
                                                new Server("s1", 1, null),
                                                new Server("::1", 26379, null),
                                                new Server("s3", 26379, null)),
                                        "my master"),
                                "u",
                                "p",
                                4,
                                "p")));
    }

    private static DriverUrl url(
            DriverAddress address, @Nullable String user, @Nullable String password, int database, String prefix) {
        return new DriverUrl(address, user, password, database, prefix);
    }

    private static DriverUrl socket(
            String path, @Nullable String user, @Nullable String password, int database, String prefix) {
        return url(new UnixSocket(Path.of(path)), user, password, database, prefix);
    }

    @ParameterizedTest
    @MethodSource("urls")
    void readsEveryPartOfAUrl(String url, DriverUrl expected) throws Exception {
        assertThat(config("{'driver': '" + url + "'}").drivers()).containsExactly(expected);
        assertThat(DriverUrls.parse(DriverUrlText.full(expected))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "etcd://h                  | unknown driver etcd:, the ones known are redis:, rediss:, redis-socket: and redis-sentinel:",
                "redis-cluster://:s3cret@h | a Redis Cluster cannot be used, because a look-up reads several keys at one moment",
                "127.0.0.1:6379            | without a scheme; the drivers known are redis:, rediss:,",
                ":s3cret@h                 | without a scheme",
                "redis://:s3cret@h:x       | the host is not a name or an address",
                "redis://:s3/cret@h        | a database number after the host, as in redis://host:6379/0; in a password, write /, ? and # as %2F, %3F and %23",
                "redis://:63/s3cret#c@d@h  | a database number after the host, as in redis://host:6379/0; in a password, write /, ? and # as %2F",
                "redis://:s3#cret@h        | the host is not a name or an address",
                "redis://:s3cret%zz@h      | the password has a % without two hexadecimal digits",
                "redis://:s3cret@h:0       | expected a port from 1 to 65535, got 0",
                "redis://:s3cret@h:123456  | expected a port from 1 to 65535, got 123456",
                "redis://:s3cret@h/one     | expected a database number after the host",
                "redis:s3cret@h            | expected a database number after the host",
                "redis://:s3cret@h/1?x=y   | a URL of this kind has no options; write a ? in a password as %3F",
                "redis://:63?s3cret@h      | a URL of this kind has no options; write a ? in a password as %3F",
                "redis://%zz:s3cret@h      | the user has a % without two hexadecimal digits",
                "rediss://:63?s3cret@h     | an option is unknown, the ones known are verify, ca",
                "rediss://:s3cret@h?verify=no               | expected verify=true or verify=false",
                "rediss://:s3cret@h?verify=false&ca=/x      | expected ca=/path/of/a.pem without verify=false",
                "rediss://:s3cret@h?ca=/nowhere.pem         | cannot read /nowhere.pem: no such file or folder",
                "redis-socket://:s3cret@run/redis.sock      | expected an absolute path",
                "redis-socket://:s3cret@                    | expected an absolute path",
                "redis-socket:///run/redis.sock?db=s3cret   | expected a database number",
                "redis-sentinel://:s3cret@h                 | expected the name of the master",
                "redis-sentinel://:s3cret@h#mymaster        | expected the name of the master",
                "redis-sentinel://:s3cret@h,h:x?master=m    | the host is not a name or an address",
                "redis://:s3cret@[1::2::3] | the host is not a name or an address",
            })
    void explainsABadUrlWithoutItsPassword(String url, String problem) {
        assertThat(problems("{'driver': '" + url + "'}"))
                .singleElement()
                .asString()
                .startsWith("driver: ")
                .contains(problem)
                .doesNotContain("s3cret");
    }

    @Test
    void warnsOfAPrefixThatMayBeTheRestOfAPassword() throws Exception {
        assertThat(warnings("{'driver': 'redis://s3cret#x@h'}"))
                .singleElement()
                .asString()
                .startsWith("driver: the prefix behind the # has an @ in it")
                .doesNotContain("s3cret");
        assertThat(warnings("{'driver': 'redis://:s3cret@h#x@y'}")).isEmpty();
    }

    @Test
    void speaksOfPasswordsOnlyWhereThereMayBeOne() {
        assertThat(problems("{'driver': 'redis://h/one'}"))
                .containsExactly("driver: expected a database number after the host, as in redis://host:6379/0");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void showsAUrlWithoutItsPassword(String ignored, DriverUrl url) {
        String password = url.password();

        String shown = url.toString();

        if (password == null) {
            assertThat(shown).isEqualTo(DriverUrlText.full(url)).doesNotContain("*");
        } else {
            assertThat(shown).contains(":***@").doesNotContain(":" + password + "@");
        }
    }

    @Test
    void readsFromTheFirstAndWritesToTheLast() throws Exception {
        assertThat(config("{'driver': ['redis://slave:1#p', 'redis://master:2']}")
                        .drivers())
                .containsExactly(new DriverUrl("slave", 1, null, 0, "p"), new DriverUrl("master", 2, null, 0, ""));
    }

    @Test
    void refusesAnotherNumberOfUrls() {
        assertThat(problems("{'driver': []}")).containsExactly("driver: expected one or two URLs, got 0");
        assertThat(problems("{'driver': ['redis:', 'redis:', 'redis:']}"))
                .containsExactly("driver: expected one or two URLs, got 3");
        assertThat(problems("{'driver': ['redis:', 5]}"))
                .containsExactly("driver[1]: expected a driver URL, got a value that is not a text");
    }

    @Test
    void takesTheOldestFormWithOneWarning() throws Exception {
        LoadedConfig loaded = load(
                "{'redisHost': 'h', 'redisPort': 1, 'redisPassword': '%41@/', 'redisDatabase': 2,"
                        + "'redisMasterHost': 'm', 'redisMasterPort': '3', 'redisMasterPassword': 'q', 'redisMasterDatabase': 4}");

        assertThat(loaded.config().drivers())
                .containsExactly(new DriverUrl("h", 1, "%41@/", 2, ""), new DriverUrl("m", 3, "q", 4, ""));
        assertThat(loaded.warnings())
                .filteredOn(warning -> warning.contains("deprecated"))
                .containsExactly("redisHost: the redis… keys are deprecated, use \"driver\":"
                        + " [\"redis://:password@host:port/database\"]");
    }

    @Test
    void takesOneOldestKeyAlone() throws Exception {
        assertThat(config("{'redisPort': 6380}").drivers())
                .containsExactly(new DriverUrl("127.0.0.1", 6380, null, 0, ""));
    }

    @Test
    void ignoresTheOldestFormBesideADriver() throws Exception {
        LoadedConfig loaded = load("{'driver': 'redis://new', 'redisHost': 'old'}");

        assertThat(loaded.config().drivers()).containsExactly(new DriverUrl("new", 6379, null, 0, ""));
        assertThat(loaded.warnings())
                .containsExactly("redisHost: the redis… keys are deprecated, and ignored because \"driver\" is set");
    }

    @Test
    void ignoresAMasterWithoutAHost() throws Exception {
        String json = "{'redisHost': 'h', 'redisMasterPort': 3}";

        assertThat(config(json).drivers()).containsExactly(new DriverUrl("h", 6379, null, 0, ""));
        assertThat(warnings(json)).contains("redisMasterPort: ignored without redisMasterHost");
    }

    @Test
    void tellsWhatIsWrongWithTheOldestFormButNoPassword() {
        assertThat(problems("{'redisHost': 'a b', 'redisPort': 'x', 'redisPassword': 4711, 'redisDatabase': -1}"))
                .containsExactlyInAnyOrder(
                        "redisHost: expected the name or address of a host",
                        "redisPort: expected a port from 1 to 65535, got \"x\"",
                        "redisPassword: expected a text, got something else",
                        "redisDatabase: expected a whole number of at least 0, got -1");
    }
}
