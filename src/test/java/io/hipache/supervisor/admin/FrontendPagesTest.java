package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.admin.frontends.Frontends;
import io.hipache.testing.RawClient;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages of the admin listener that need the store, and what may change it. */
class FrontendPagesTest {
    private static final String WRITING = "'port': 0, 'token': 's3cret', 'write': true";
    private static final String TOKEN = "Authorization: Bearer s3cret\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String ADD = "{\"action\":\"add\",\"backends\":[\"http://a:80\"],\"identifier\":\"site\"}";
    private static final String HOST = "127.0.0.1:1";

    @AutoClose
    private static final TestRedis redis = TestRedis.start();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private AdminListener listener;

    FrontendPagesTest() throws Exception {
        listener = open(WRITING);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void end() {
        listener.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void searchesAndExplains() throws Exception {
        redis.rpush("frontend:*.foo.org", "site", "http://a:80");

        assertThat(get("/frontends.json?search=foo&limit=5"))
                .startsWith("HTTP/1.1 200")
                .contains("\"name\":\"*.foo.org\",\"identifier\":\"site\",\"backends\":1,\"marks\":0");
        assertThat(get("/frontends.json")).contains("\"names\":1");
        assertThat(get("/frontends/www.foo.org.json")).contains("\"frontend\":\"*.foo.org\"", "\"state\":\"alive\"");
        assertThat(get("/frontends/%2A.foo.org.json")).contains("\"host\":\"*.foo.org\"");
        assertThat(get("/frontends/no%20host.json")).startsWith("HTTP/1.1 400");
        assertThat(get("/frontends/.json")).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=201",
                "limit=x",
                "limit=-1",
                "limit=",
                "limit=1&limit=2",
                "other=1",
                "search=%zz"
            })
    void refusesAQueryThatIsNone(String query) throws Exception {
        assertThat(get("/frontends.json?" + query)).startsWith("HTTP/1.1 400");
        assertThat(get("/frontends.json?search=" + "x".repeat(256))).startsWith("HTTP/1.1 400");
    }

    @Test
    void theTokenIsNeededToLook() throws Exception {
        assertThat(send("GET /frontends.json HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 401");
        assertThat(send("GET /frontends/foo.org.json HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 401");
    }

    @Test
    void changesAFrontend() throws Exception {
        try (RecordedLog log = RecordedLog.of(Frontends.class)) {
            assertThat(post(HOST, TOKEN + JSON, ADD))
                    .startsWith("HTTP/1.1 200")
                    .contains("\"changed\":true", "\"backends\":1");

            assertThat(list()).isEqualTo(List.of("site", "http://a:80"));
            assertThat(get("/events.json"))
                    .contains("\"kind\":\"backends_added\",\"host\":\"foo.org\",\"subject\":\"http://a:80/\","
                            + "\"detail\":\"asked by 127.0.0.1\"");
            assertThat(log.lines())
                    .containsExactly(
                            "backends were added by the admin listener, asked by 127.0.0.1: foo.org http://a:80/");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | Origin: http://127.0.0.1:1",
                "200 | Origin: https://127.0.0.1:1",
                "200 | Sec-Fetch-Site: same-origin",
                "403 | Origin: http://127.0.0.1:2",
                "403 | Origin: http://evil.example",
                "403 | Origin: null",
                "403 | Origin: file://",
                "403 | Origin: %",
                "403 | Sec-Fetch-Site: cross-site",
                "403 | Sec-Fetch-Site: same-site",
                "403 | Sec-Fetch-Site: none",
            })
    void aPageOfAnotherSiteChangesNothing(int status, String field) throws Exception {
        assertThat(post(HOST, TOKEN + JSON + field + "\r\n", ADD)).startsWith("HTTP/1.1 " + status);
        assertThat(redis.exists("frontend:foo.org")).isEqualTo(status == 200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Content-Type: text/plain",
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Type: application/jsonp",
                "Content-Type: application/json; charset=latin1",
                "Content-Type: application/json\r\nContent-Type: text/plain",
            })
    void aBodyThatABrowserSendsUnaskedChangesNothing(String type) throws Exception {
        assertThat(post(HOST, TOKEN + (type.isEmpty() ? "" : type + "\r\n"), ADD))
                .startsWith("HTTP/1.1 415");
        assertThat(redis.exists("frontend:foo.org")).isFalse();
        assertThat(post(HOST, TOKEN + "Content-Type: Application/JSON; charset=UTF-8\r\n", ADD))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void theTokenIsAHeaderAndNothingElse() throws Exception {
        assertThat(post(HOST, JSON, ADD)).startsWith("HTTP/1.1 401");
        assertThat(post(HOST, JSON + "Authorization: Bearer other\r\n", ADD)).startsWith("HTTP/1.1 401");
        assertThat(post(HOST, JSON + "Cookie: token=s3cret\r\n", ADD)).startsWith("HTTP/1.1 401");
        assertThat(post("evil.example", TOKEN + JSON, ADD)).startsWith("HTTP/1.1 421");
        assertThat(redis.exists("frontend:foo.org")).isFalse();
    }

    @Test
    void aLongBodyIsRefused() throws Exception {
        assertThat(post(HOST, TOKEN + JSON, ADD + " ".repeat(17_000))).startsWith("HTTP/1.1 413");
        assertThat(post(HOST, TOKEN + JSON, "{")).startsWith("HTTP/1.1 400").contains("the body is no JSON");
        assertThat(post(HOST, TOKEN + JSON + "Transfer-Encoding: chunked\r\n", "1\r\n{\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        assertThat(redis.exists("frontend:foo.org")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'action':'add','backends':['http://a:80']} | there is no frontend foo.org yet; say its identifier as \\\"identifier\\\"",
                "{'action':'add','backends':['a:80'],'identifier':'x'} | expected http://host:port or https://host:port",
                "{ | the body is no JSON: ",
            })
    void speaksOfKeysAndNotOfOptions(String order, String message) throws Exception {
        assertThat(post(HOST, TOKEN + JSON, order.replace('\'', '"')))
                .startsWith("HTTP/1.1 400")
                .contains("{\"error\":\"", message)
                .doesNotContain("--", "Source");
    }

    @ParameterizedTest
    @ValueSource(strings = {"add", "remove", "drain", "revive"})
    void aKeyThatIsNoListIsAConflict(String action) throws Exception {
        redis.command("SET", "frontend:foo.org", "x");

        assertThat(post(HOST, TOKEN + JSON, "{\"action\":\"" + action + "\",\"backends\":[\"http://a:80\"]}"))
                .startsWith("HTTP/1.1 409")
                .contains("{\"error\":\"frontend:foo.org is not a list; delete it (redis-cli del frontend:foo.org)")
                .doesNotContain("WRONGTYPE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | GET /frontends.json | Accept: */* | the token of server.admin is missing or wrong",
                "401 | GET /status.json | Accept: */* | the token of server.admin is missing or wrong",
                "405 | PUT /frontends/foo.org.json | Accept: */* | only GET, HEAD and POST",
                "405 | DELETE /frontends/foo.org.json | Accept: */* | only GET, HEAD and POST",
                "405 | PUT /frontends.json | Accept: */* | only GET and HEAD",
                "413 | POST /frontends/foo.org.json | Content-Length: 17000 | a body has 16384 bytes at most",
                "413 | POST /frontends/foo.org.json | Expect: 100-continue~Content-Length: 17000 | a body has 16384 bytes at most",
            })
    void aRefusalIsJson(int status, String start, String fields, String message) throws Exception {
        String answer = send(start + " HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n"
                + fields.replace("~", "\r\n") + "\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .containsIgnoringCase("content-type: application/json")
                .contains("{\"error\":\"" + message);
    }

    @Test
    void aRefusalOfAChangeIsJson() throws Exception {
        assertThat(post("evil.example", TOKEN + JSON, ADD))
                .startsWith("HTTP/1.1 421")
                .contains("{\"error\":\"");
        assertThat(post(HOST, TOKEN, ADD)).startsWith("HTTP/1.1 415").contains("{\"error\":\"");
        assertThat(post(HOST, TOKEN + JSON + "Origin: null\r\n", ADD))
                .startsWith("HTTP/1.1 403")
                .contains("{\"error\":\"");
        assertThat(get("/frontends.json?limit=0")).startsWith("HTTP/1.1 400").contains("{\"error\":\"limit is");
        assertThat(get("/none.json")).startsWith("HTTP/1.1 404").contains("{\"error\":\"");
        assertThat(get("/none")).startsWith("HTTP/1.1 404").doesNotContain("{");
    }

    @Test
    void onlyFrontendsTakeAPost() throws Exception {
        for (String path : List.of("/frontends.json", "/frontends/.json", "/status.json", "/hosts/foo.org.json", "/")) {
            assertThat(send("POST " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n" + TOKEN + JSON
                            + "Content-Length: " + ADD.length() + "\r\n\r\n" + ADD))
                    .as(path)
                    .startsWith("HTTP/1.1 405");
        }
        assertThat(send("PUT /frontends/foo.org.json HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n" + TOKEN
                        + JSON + "Content-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 405")
                .containsIgnoringCase("allow: GET, HEAD, POST\r\n");
    }

    @Test
    void withoutTheKeyNothingIsChanged() throws Exception {
        listener.close();
        listener = open("'port': 0, 'token': 's3cret'");

        assertThat(post(HOST, TOKEN + JSON, ADD)).startsWith("HTTP/1.1 403").contains("server.admin.write");
        assertThat(get("/frontends/foo.org.json")).startsWith("HTTP/1.1 200");
        assertThat(redis.exists("frontend:foo.org")).isFalse();
    }

    @Test
    void anEventNamesTheProcessAtAUnixSocket(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("admin.sock");
        listener.close();
        listener = open("'socket': '" + socket + "', 'token': 's3cret', 'write': true");

        try (RecordedLog log = RecordedLog.of(Frontends.class);
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(request("hipache", TOKEN + JSON, ADD).getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (channel.read(answer) >= 0) {
                // until the end
            }

            assertThat(StandardCharsets.UTF_8.decode(answer.flip()).toString()).startsWith("HTTP/1.1 200");
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .matches(".*, asked by user \\d+, process "
                            + ProcessHandle.current().pid() + ": foo.org .*");
        }
    }

    private AdminListener open(String admin) throws Exception {
        HipacheConfig config = config(admin);
        AdminListener opened = AdminListener.open(group, config, false);
        opened.ask(asker -> asker.accept(new Facts(config, true, false, true)));
        return opened;
    }

    private static HipacheConfig config(String admin) throws ConfigException {
        return ConfigJson.decode(
                ("{'driver': 'redis://127.0.0.1:" + redis.port() + "', 'server': {'admin': {" + admin + "}}}")
                        .replace('\'', '"'));
    }

    private String get(String target) throws Exception {
        return send("GET " + target + " HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n" + TOKEN + "\r\n");
    }

    private String post(String host, String fields, String body) throws Exception {
        return send(request(host, fields, body));
    }

    private static String request(String host, String fields, String body) {
        String length = fields.contains("Transfer-Encoding") ? "" : "Content-Length: " + body.length() + "\r\n";
        return "POST /frontends/foo.org.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + fields + length
                + "\r\n" + body;
    }

    private String send(String request) throws Exception {
        try (RawClient client = RawClient.connect(listener.port())) {
            client.send(request);
            return client.readToEnd();
        }
    }

    private static @Nullable Object list() {
        return redis.command("LRANGE", "frontend:foo.org", "0", "-1");
    }
}
