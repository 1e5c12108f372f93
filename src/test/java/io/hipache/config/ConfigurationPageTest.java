package io.hipache.config;

import static io.hipache.config.Loading.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Key;
import io.hipache.supervisor.process.WorkerCommandLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/configuration.md} has one entry for each key, and each entry says what the program does. */
class ConfigurationPageTest {
    private static final Pattern ENTRY = Pattern.compile(
            """
            ### (?<key>[A-Za-z0-9.]+)

            (?<text>[^\\n]+)

            \\| type \\| default \\| since \\| reload \\|
            \\| --- \\| --- \\| --- \\| --- \\|
            \\| (?<type>[^|\\n]+) \\| (?<default>[^|\\n]+) \\| (?<since>[^|\\n]+) \\| (?<reload>[^|\\n]+) \\|

            ```json
            (?<example>[^\\n]+)
            ```
            """);

    private static final Pattern VALUE = Pattern.compile("-?[\\d.]+|true|false|`([^` ]+)`");
    private static final Pattern EXPECTED = Pattern.compile("(?<path>[^:]+): expected (?<what>.*?)(, got .*)?");
    /** Each kind of key refuses one of these at least. */
    private static final List<String> WRONG_VALUES = List.of("{\"wrong\": 1}", "\"wrong\"", "7.5", "[[]]");

    /** An entry of a list of addresses has the keys of its section, which one entry documents. */
    private static final Pattern OF_ONE_ADDRESS = Pattern.compile("(http|https)\\.bind\\.(.+)");

    /** There is only one word for this key today. */
    private static final String OF_ONE_WORD = "server.address.kind";

    private static final Map<String, Entry> ENTRIES = entries();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private record Entry(
            String key, String text, String type, String otherwise, String since, String reload, String example) {
        @Override
        public String toString() {
            return key;
        }
    }

    @Test
    void everyKeyHasAnEntryAndEveryEntryIsOfAKey() throws Exception {
        Set<String> read = EveryKeyTest.keysRead();

        Set<String> documented = ENTRIES.keySet();

        assertThat(read)
                .filteredOn(key -> !key.equals("server") && !key.equals("http"))
                .allSatisfy(
                        key -> assertThat(documented).as("the entry of " + key).contains(entryOf(key)));
        assertThat(read.stream().map(ConfigurationPageTest::entryOf)).containsAll(documented);
    }

    @Test
    void theEntriesOfTheTablesOfKeysSayWhatTheTablesSay() throws Exception {
        HipacheConfig defaults = config("{}");
        Tls tls = new Tls(Path.of(Loading.KEY), Path.of(Loading.CERT));

        assertThat(wrongEntries("server.", ServerKeys.all(), defaults.server())).isEmpty();
        assertThat(wrongEntries("https.", TlsKeys.ofAddress(), tls)).isEmpty();
        assertThat(wrongEntries("https.", HostCertificateKeys.all(), defaults.certificates()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void theExampleIsAcceptedAndChangesSomething(Entry entry) throws Exception {
        String example = FilesOfExamples.in(root, entry.example());

        LoadedConfig loaded = Loading.loader().parse(example);

        assertThat(loaded.warnings())
                .filteredOn(warning -> warning.contains("unknown"))
                .isEmpty();
        if (!isNeeded(entry) && !entry.key().equals(OF_ONE_WORD)) {
            assertThat(loaded.config())
                    .as("the example, and the same without the key")
                    .isNotEqualTo(config(without(entry.key(), example)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void theDefaultIsWhatHoldsWithoutTheKey(Entry entry) throws Exception {
        String absent = without(entry.key(), FilesOfExamples.in(root, entry.example()));

        if (isNeeded(entry)) {
            assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> config(absent));
            return;
        }
        Matcher value = VALUE.matcher(entry.otherwise());
        if (value.matches()) {
            String json = value.group(1) == null ? value.group() : '"' + value.group(1) + '"';
            assertThat(config(with(entry.key(), absent, json))).isEqualTo(config(absent));
        } else {
            assertThat(entry.otherwise())
                    .as("the default of %s in words", entry.key())
                    .matches("[^0-9].*|0, with.*");
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void theTypeIsWhatTheProgramExpects(Entry entry) throws Exception {
        List<String> expectations = new ArrayList<>();
        for (String wrong : WRONG_VALUES) {
            expectations.addAll(
                    expectations(entry.key(), with(entry.key(), FilesOfExamples.in(root, entry.example()), wrong)));
        }

        assertThat(expectations)
                .as("what a wrong value of %s is told, beside the type of its entry: %s", entry.key(), entry.type())
                .anyMatch(expected -> entry.type().startsWith(expected));
    }

    @ParameterizedTest
    @MethodSource("all")
    void theEffectOfAReloadIsWhatTheSupervisorDecides(Entry entry) throws Exception {
        HipacheConfig example = config(FilesOfExamples.in(root, entry.example()));
        HipacheConfig before = isNeeded(entry)
                ? config("{}")
                : config(without(entry.key(), FilesOfExamples.in(root, entry.example())));

        List<String> keys = WorkerCommandLine.keysOfNewProcess(before, example);

        boolean replaced = entry.reload().equals("new workers")
                || (entry.reload().equals("new workers, as root") && Privilege.isRoot());
        assertThat(entry.reload()).isIn("in place", "new workers", "new workers, as root");
        assertThat(!keys.isEmpty())
                .as("whether %s needs new workers", entry.key())
                .isEqualTo(replaced);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theFirstVersionOfTheKeyIsOneThatThereWas(Entry entry) {
        assertThat(entry.since()).matches("Hipache 0\\.[234]|\\d+\\.\\d+\\.\\d+");
    }

    private static List<Entry> all() {
        return List.copyOf(ENTRIES.values());
    }

    private static Map<String, Entry> entries() {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try {
            Matcher entry = ENTRY.matcher(Files.readString(Path.of("docs", "configuration.md")));
            while (entry.find()) {
                String key = entry.group("key");
                entries.put(
                        key,
                        new Entry(
                                key,
                                entry.group("text"),
                                entry.group("type"),
                                entry.group("default"),
                                entry.group("since"),
                                entry.group("reload"),
                                entry.group("example")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private static String entryOf(String key) {
        Matcher address = OF_ONE_ADDRESS.matcher(key);
        if (!address.matches()) {
            return key;
        }
        String ofAddress = "server.address." + address.group(2);
        return ENTRIES.containsKey(ofAddress) ? ofAddress : "https." + address.group(2);
    }

    private static <R> List<String> wrongEntries(String section, List<Key<R>> keys, R defaults) {
        List<String> wrong = new ArrayList<>();
        for (Key<R> key : keys) {
            Entry entry = ENTRIES.get(section + key.name());
            String text = sentence(key.documentation());
            String otherwise = shownDefault(key, defaults);
            if (entry == null
                    || !entry.text().startsWith(text)
                    || !entry.otherwise().equals(otherwise)) {
                wrong.add(section + key.name() + " should be: " + text + " | default: " + otherwise);
            }
        }
        return wrong;
    }

    private static String sentence(String documentation) {
        String text = documentation.substring(0, 1).toUpperCase(Locale.ROOT) + documentation.substring(1);
        return text.endsWith(".") ? text : text + ".";
    }

    private static <R> String shownDefault(Key<R> key, R defaults) {
        String inWords = key.defaultInWords();
        if (inWords != null) {
            return inWords;
        }
        JsonNode value = key.writer().json(defaults, UnaryOperator.identity());
        return value == null ? "none" : value.isTextual() ? "`" + value.textValue() + "`" : value.toString();
    }

    private static boolean isNeeded(Entry entry) {
        return entry.otherwise().startsWith("none, needed");
    }

    private static List<String> expectations(String key, String json) {
        List<String> expectations = new ArrayList<>();
        try {
            config(json);
        } catch (ConfigException e) {
            for (String problem : e.problems()) {
                Matcher expected = EXPECTED.matcher(problem);
                if (expected.matches()
                        && expected.group("path").replaceAll("\\[\\d+]", "").equals(key)) {
                    expectations.add(expected.group("what"));
                }
            }
        }
        return expectations;
    }

    private static String without(String key, String json) throws Exception {
        ObjectNode tree = JsonText.read(json);
        holder(tree, key).remove(lastName(key));
        return tree.toString();
    }

    private static String with(String key, String json, String value) throws Exception {
        ObjectNode tree = JsonText.read(json);
        holder(tree, key).set(lastName(key), JsonText.value(value));
        return tree.toString();
    }

    /** The object in which the key stands; of a list the first entry. */
    private static ObjectNode holder(ObjectNode tree, String key) {
        ObjectNode holder = tree;
        String[] names = key.split("\\.", -1);
        for (int i = 0; i < names.length - 1; i++) {
            JsonNode inner = holder.get(names[i]);
            holder = (ObjectNode) (inner instanceof ArrayNode list ? list.get(0) : inner);
        }
        return holder;
    }

    private static String lastName(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
