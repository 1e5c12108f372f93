package io.hipache.config;

import static io.hipache.config.Loading.config;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.environment.KeyVariables;
import io.hipache.config.json.Findings;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Section;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A key that is read is printed by {@code --dry}, reaches a worker, and has a variable. */
class EveryKeyTest {
    private static final String PAIR = "'key': '" + Loading.KEY + "', 'cert': '" + Loading.CERT + "'";
    private static final String TLS =
            PAIR + ", 'ca': [], 'passphrase': 'x', 'ciphers': 'AES128-SHA', 'honorCipherOrder': false";

    /** Every section and every kind of entry is there, and no component of a record has its default. */
    private static final String EVERYTHING =
            ("{'server': {'accessLog': '-', 'accessLogFormat': 'json', 'accessLogQuery': false, 'accessLogAddress': 'short', 'logRefused': false, "
                            + "'log': '/l', 'workers': 5, 'maxSockets': 7, 'maxBackends': 8,"
                            + "'deadBackendTTL': 11, 'tcpTimeout': 0.5, 'tunnelTimeout': 3600, 'retryOnError': 0, 'deadBackendOn500': false, 'deadBackendOnUnsupported': true, 'softDeathCap': 30, 'activeCheck': {'interval': 5, 'timeout': 1.5, 'rise': 2, 'fall': 3, 'path': '/ok'},"
                            + "'httpKeepAlive': false, 'http2': false, 'memoryLimit': 64, 'javaOptions': ['-Xint'], 'gracefulWait': 1, 'stopTimeout': 2,"
                            + "'staticDir': 'src', 'lruCache': {'size': 5, 'ttl': 1.5}, 'cache': 'tracking', 'cacheMemory': 9, 'staleIfDown': 60, 'settle': 200, 'snapshot': '/snapshot', 'admin': {'address': '127.0.0.2', 'port': 9180, 'mode': '0660', 'owner': 'root', 'token': 's3cret', 'write': true, 'hosts': 5}, 'debug': true, 'logTime': 'iso', 'plainIPv4': true,"
                            + "'trustedProxies': ['192.0.2.0/24'], 'deadKey': 'matched', 'deadAnnounceUrl': 'raw',"
                            + "'forwardedFor': 'append', 'debugHeaders': 'all', 'requestId': 'answer', 'tracing': true, 'viaName': 'us',"
                            + "'maxConnections': 21, 'maxConnectionsPerAddress': 22, 'maxRequests': 23, 'bodyMemory': 24,"
                            + "'headMemory': 25, 'http2Window': 128, 'minBodyRate': 27, 'maxWaiting': 3, 'maxTunnels': 40,"
                            + "'address': [{'address': '127.0.0.2', 'port': 81, 'kind': 'traffic'}]},"
                            + "'http': {'bind': [{'address': '127.0.0.1', 'port': 80, 'kind': 'traffic'}]},"
                            + "'https': {'bind': [{'address': '127.0.0.1', 'port': 443, 'kind': 'traffic', " + TLS
                            + "}],"
                            + "'certificates': [{'hosts': ['a.example'], " + PAIR
                            + ", 'passphrase': 'x'}], 'certificatesFromRedis': false},"
                            + "'driver': ['redis://:s3cret@h:1/2#p'], 'user': 'root', 'group': 12}")
                    .replace('\'', '"');

    /** Keys of older configurations. One sentence documents them all. */
    private static final Pattern OLD_KEY =
            Pattern.compile("redis(Master)?(Host|Port|Password|Database)|.*\\.(secureProtocol|secureOptions)");

    /** The keys that are printed under another path. */
    private static final Map<String, String> PRINTED_ELSEWHERE = Map.ofEntries(
            Map.entry("server.https", "https"),
            Map.entry("server.admin.socket", "server.admin.port"),
            Map.entry("server.admin.tokenFile", "server.admin.token"),
            Map.entry("server.address", "http.bind"),
            Map.entry("server.address.address", "http.bind.address"),
            Map.entry("server.address.port", "http.bind.port"),
            Map.entry("server.address.kind", "http.bind.kind"),
            Map.entry("server.port", "http.bind.port"),
            Map.entry("http.port", "http.bind.port"),
            Map.entry("https.port", "https.bind.port"),
            Map.entry("https.certificatesDir", "https.certificates"));

    @Test
    void noComponentOfTheServerIsForgottenHere() throws Exception {
        Server all = config(EVERYTHING).server();
        Server defaults = config("{}").server();

        for (RecordComponent component : Server.class.getRecordComponents()) {
            assertThat(component.getAccessor().invoke(all))
                    .as("give server.%s a value in EVERYTHING", component.getName())
                    .isNotEqualTo(component.getAccessor().invoke(defaults));
        }
    }

    @Test
    void everyKeyReachesAWorker() throws Exception {
        HipacheConfig all = config(EVERYTHING);
        HipacheConfig withoutToken = config(EVERYTHING.replace(" \"token\": \"s3cret\", \"write\": true,", ""));

        assertThat(ConfigJson.decode(ConfigJson.encode(all)))
                .as("all but the token and the writes of the admin listener")
                .isEqualTo(withoutToken);
    }

    @Test
    void everyKeyThatIsReadIsPrinted() throws Exception {
        Set<String> printed = new TreeSet<>();
        collect("", JsonText.read(ConfigJson.masked(config(EVERYTHING))), printed);

        assertThat(keysRead().stream().map(EveryKeyTest::printedAs)).isSubsetOf(printed);
    }

    @Test
    void everyKeyHasAVariableOfItsOwn() throws Exception {
        // lists of objects have a variable as a whole
        List<String> keys = keysRead().stream()
                .filter(key -> !key.matches("(https\\.certificates|https?\\.bind|server\\.address)\\..*"))
                .toList();

        assertThat(ConfigLoader.variables().paths()).containsAll(keys);
        assertThat(ConfigLoader.variables().paths().stream().map(KeyVariables::nameOf))
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("HIPACHE(_[A-Z][A-Z0-9]*)+"));
    }

    @Test
    void everyKeyCanBeGivenByItsVariable() throws Exception {
        Map<String, String> variables = new TreeMap<>();
        collectVariables("", JsonText.read(EVERYTHING), variables);

        LoadedConfig loaded = Loading.load("{}", variables);

        assertThat(loaded.config()).isEqualTo(config(EVERYTHING));
        assertThat(loaded.origins().get(0)).contains(variables.keySet());
        assertThat(loaded.origins()).contains("from the file: nothing");
    }

    private static void collectVariables(String path, JsonNode object, Map<String, String> variables) {
        object.fieldNames().forEachRemaining(name -> {
            String inner = path.isEmpty() ? name : path + "." + name;
            JsonNode value = object.get(name);
            if (value.isObject()) {
                collectVariables(inner, value, variables);
            } else {
                variables.put(KeyVariables.nameOf(inner), value.isTextual() ? value.textValue() : value.toString());
            }
        });
    }

    /** The paths of all keys but the old ones, without the numbers of list entries. */
    static Set<String> keysRead() throws Exception {
        Findings findings = new Findings();
        Section root = new Section("", JsonText.read(EVERYTHING), findings);
        Loading.loader().read(root, FileChecks.checked(findings), false);
        assertThat(findings.problems()).isEmpty();
        return root.knownKeys().stream()
                .map(key -> key.replaceAll("\\[\\d+]", ""))
                .filter(key -> !OLD_KEY.matcher(key).matches())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String printedAs(String key) {
        boolean keyOfEveryAddress = TlsKeys.ofAddress().stream().anyMatch(tls -> key.equals("https." + tls.name()));
        return keyOfEveryAddress ? key.replace("https.", "https.bind.") : PRINTED_ELSEWHERE.getOrDefault(key, key);
    }

    private static void collect(String path, JsonNode value, Set<String> paths) {
        if (value.isArray()) {
            value.forEach(element -> collect(path, element, paths));
        }
        value.fieldNames().forEachRemaining(name -> {
            String inner = path.isEmpty() ? name : path + "." + name;
            paths.add(inner);
            collect(inner, value.get(name), paths);
        });
    }
}
