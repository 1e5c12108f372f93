package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.load;
import static io.hipache.config.Loading.problems;
import static io.hipache.config.Loading.warnings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hipache.config.HipacheConfig.Kind;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Tls;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerKeysTest {
    private static final String PAIR = "'key': '" + Loading.KEY + "', 'cert': '" + Loading.CERT + "'";
    private static final String KEYS = "src/test/resources/tls/keys/";
    private static final Tls TLS =
            new Tls(Path.of(Loading.KEY).toAbsolutePath(), Path.of(Loading.CERT).toAbsolutePath());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'http': {'bind': [{'port': 8080, 'kind': 'traffic'}]}}",
                "{'http': {'bind': [{'address': 'example.com', 'port': 8080, 'kind': 'traffic'}]}}",
                "{'server': {'address': [{'port': 8080}]}}",
                "{'https': {'bind': [{'port': 8443, PAIR}]}}",
                "{'https': {'bind': [{'address': 7, 'port': 8443, PAIR}], 'certificatesDir': 'src'}}",
                "{'https': {'bind': ['127.0.0.1'], 'certificates': [{'hosts': 'example.com'}], PAIR}}",
            })
    void warnsOfNothingElseWhereAnEntryMissesAKey(String json) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(json.replace("PAIR", PAIR)));

        assertThat(e.problems()).isNotEmpty();
        assertThat(e.warnings()).isEmpty();
    }

    @Test
    void readsTheOtherKeysOfAnEntryWithoutAnAddress() {
        assertThat(problems("{'http': {'bind': [{'port': 'http'}]}}"))
                .containsExactly(
                        "http.bind[0].address: missing",
                        "http.bind[0].port: expected a port from 1 to 65535, got \"http\"");
    }

    @Test
    void listensWhereTheFormOfTheSeedSays() throws Exception {
        assertThat(listeners("{'server': {'port': 8080, 'address': ['127.0.0.1', '::1'], 'https': {'port': 8443, "
                        + PAIR + "}}}"))
                .containsExactly(
                        new Listener("127.0.0.1", 8080, null),
                        new Listener("::1", 8080, null),
                        new Listener("127.0.0.1", 8443, TLS),
                        new Listener("::1", 8443, TLS));
    }

    @Test
    void listensWhereTheLaterFormSays() throws Exception {
        assertThat(listeners("{'http': {'port': 8080, 'bind': ['0.0.0.0', {'address': '::', 'port': 8081}]},"
                        + "'https': {'port': 8443, 'bind': ['0.0.0.0', {'address': '::', 'port': 8444}], " + PAIR
                        + "}}"))
                .containsExactly(
                        new Listener("0.0.0.0", 8080, null),
                        new Listener("::", 8081, null),
                        new Listener("0.0.0.0", 8443, TLS),
                        new Listener("::", 8444, TLS));
    }

    @Test
    void takesOneAddressAsText() throws Exception {
        assertThat(listeners("{'server': {'address': '10.0.0.1'}}"))
                .containsExactly(new Listener("10.0.0.1", 80, null));
        assertThat(listeners("{'http': {'bind': '[::1]'}}")).containsExactly(new Listener("::1", 80, null));
        assertThat(listeners("{'server': {'address': [{'address': '10.0.0.1', 'port': 81}]}}"))
                .containsExactly(new Listener("10.0.0.1", 81, null));
    }

    @Test
    void readsWhatAnAddressIsFor() throws Exception {
        assertThat(listeners("{'http': {'bind': [{'address': '10.0.0.1', 'kind': 'traffic'}]}}"))
                .containsExactly(new Listener("10.0.0.1", 80, null, Kind.TRAFFIC));
        assertThat(problems("{'http': {'bind': [{'address': '10.0.0.1', 'kind': 'trafic'}]}}"))
                .containsExactly("http.bind[0].kind: expected \"traffic\", got \"trafic\"");
    }

    @Test
    void takesKeyAndCertificateOfOneAddress() throws Exception {
        assertThat(listeners("{'https': {'bind': [{'address': '127.0.0.1', " + PAIR + "}]}}"))
                .contains(new Listener("127.0.0.1", 443, TLS));
    }

    @Test
    void demandsNoCertificateFromThoseWithoutHttps() throws Exception {
        assertThat(listeners("{'server': {'address': ['127.0.0.1']}, 'https': {'bind': []}}"))
                .containsExactly(new Listener("127.0.0.1", 80, null));
        assertThat(listeners("{'server': {'address': ['127.0.0.1'], 'https': {}}}"))
                .hasSize(1);
    }

    @Test
    void listensForHttpsOnThisMachineWhenNoAddressIsGiven() throws Exception {
        assertThat(listeners("{'https': {" + PAIR + "}}"))
                .contains(new Listener("127.0.0.1", 443, TLS), new Listener("::1", 443, TLS));
    }

    @Test
    void warnsThoseWhoCountOnListeningEverywhereAsHipache03Did() throws Exception {
        assertThat(warnings("{'server': {'port': 8080}}"))
                .containsExactly(
                        "server.address: missing, so only this machine can connect; Hipache 0.3 listened on every"
                                + " address: [\"0.0.0.0\", \"::\"]");
        assertThat(warnings("{'server': {'port': 8080, 'address': 'localhost'}}"))
                .isEmpty();
        assertThat(warnings("{'server': {'port': 8080}, 'http': {'bind': '::'}}"))
                .isEmpty();
        assertThat(warnings("{'http': {'port': 8080}}")).isEmpty();
    }

    @Test
    void leavesIpv6OutWhereItIsNotUp() throws Exception {
        ConfigLoader withoutIpv6 = new ConfigLoader(Loading.STATIC_ERRORS, 1, false);

        assertThat(withoutIpv6.parse("{}").config().listeners()).containsExactly(new Listener("127.0.0.1", 80, null));
    }

    @Test
    void prefersTheLaterFormAndSaysSo() throws Exception {
        String both = "{'server': {'port': 1, 'https': {'port': 2}}, 'http': {'port': 3}, 'https': {'bind': []}}";

        assertThat(listeners(both)).extracting(Listener::port).containsOnly(3);
        assertThat(warnings(both))
                .containsExactly(
                        "server.https: ignored, because https is set",
                        "server.port: ignored, because http.port is set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "256.0.0.1", "1.2.3", "::1::", "127.0.0.1:80", ""})
    void refusesWhatIsNoAddress(String address) {
        assertThat(problems("{'server': {'address': ['" + address + "']}}"))
                .containsExactly("server.address[0]: expected an IPv4 or IPv6 address, got \"" + address + "\"");
    }

    @Test
    void refusesToListenNowhere() {
        assertThat(problems("{'server': {'address': []}}"))
                .containsExactly("http.bind: there is no address to listen on");
        assertThat(problems("{'http': {'bind': [{'port': 80}]}}")).containsExactly("http.bind[0].address: missing");
    }

    @Test
    void refusesTwoThingsOnOnePort() {
        assertThat(problems(
                        "{'server': {'port': 8080, 'address': '127.0.0.1', 'https': {'port': 8080, " + PAIR + "}}}"))
                .containsExactly("https: 127.0.0.1 port 8080 is configured twice, with different settings");
    }

    @Test
    void listensOnceOnAnAddressThatIsNamedTwice() throws Exception {
        assertThat(listeners("{'server': {'address': ['127.0.0.1', '127.0.0.1']}}"))
                .hasSize(1);
    }

    @Test
    void namesTheMissingAndTheUnreadable() {
        assertThat(problems("{'server': {'https': {'port': 443}}}"))
                .containsExactly(
                        "server.https.key: missing, https needs the file of a private key",
                        "server.https.cert: missing, https needs the file of a certificate");
        assertThat(problems("{'https': {'key': '/no/ssl.key', 'cert': '/'}}"))
                .containsExactly(
                        "https.key: cannot read /no/ssl.key: no such file or folder",
                        "https.cert: cannot read /: is a directory");
    }

    @Test
    void namesFilesThatHoldSomethingElse() {
        String pom = Path.of("pom.xml").toAbsolutePath().toString();

        assertThat(problems("{'https': {'key': 'pom.xml', 'cert': 'pom.xml'}}"))
                .containsExactly(
                        "https.key: " + pom + " holds no private key in PEM form",
                        "https.cert: " + pom + " holds no certificate in PEM form");
    }

    @Test
    void readsHowAnAddressSpeaksTls() throws Exception {
        String ca = KEYS + "authority.crt";
        List<Listener> listeners = listeners("{'https': {'bind': ['127.0.0.1', {'address': '::1', 'key': '" + KEYS
                + "leaf.key', 'cert': '" + KEYS + "leaf.crt', 'ca': ['" + ca
                + "'], 'passphrase': 'x', 'ciphers': ['EECDH', '!SHA'], 'honorCipherOrder': false}], " + PAIR
                + ", 'ca': '" + ca + "', 'ciphers': 'AES128-SHA'}}");

        assertThat(listeners.subList(2, 4))
                .extracting(Listener::tls)
                .containsExactly(
                        new Tls(TLS.key(), TLS.cert(), List.of(absolute(ca)), null, "AES128-SHA", true),
                        new Tls(
                                absolute(KEYS + "leaf.key"),
                                absolute(KEYS + "leaf.crt"),
                                List.of(absolute(ca)),
                                "x",
                                "EECDH:!SHA",
                                false));
    }

    @Test
    void saysWhatIsWrongWithHowAnAddressSpeaksTls() {
        assertThat(problems("{'https': {" + PAIR
                        + ", 'ca': [5, '/no/ca.pem'], 'passphrase': 5, 'ciphers': 'FOO', 'honorCipherOrder': 1}}"))
                .containsExactly(
                        "https.ca: expected a path or a list of paths, got 5",
                        "https.passphrase: expected a text, got something else",
                        "https.ciphers: names an unknown cipher suite, FOO",
                        "https.honorCipherOrder: expected true or false, got 1",
                        "https.ca: cannot read /no/ca.pem: no such file or folder");
    }

    @Test
    void namesTheKeyThatDoesNotBelongToTheCertificate() {
        String key = absolute(KEYS + "rsa-pkcs1.key").toString();
        String cert = absolute(Loading.CERT).toString();

        assertThat(problems("{'https': {'bind': {'address': '::1', 'key': '" + key + "'}, 'cert': '" + cert + "'}}"))
                .containsExactly("https.bind.key: " + key + " does not belong to the certificate in " + cert);
    }

    @Test
    void namesTheKeyThatItsPassphraseDoesNotOpen() {
        String key = absolute(KEYS + "rsa-traditional-aes256.key").toString();
        String pair = "'key': '" + key + "', 'cert': '" + KEYS + "rsa.crt'";

        assertThat(problems("{'https': {" + pair + "}}"))
                .containsExactly("https.key: " + key + " is encrypted, and there is no passphrase for it");
        assertThat(problems("{'https': {" + pair + ", 'passphrase': 'wr0ng'}}"))
                .containsExactly("https.key: " + key + " is encrypted, and the passphrase does not open it");
    }

    @Test
    void warnsOfWhatHasNoEffect() throws Exception {
        assertThat(warnings("{'https': {'secureProtocol': 'SSLv23_method', 'ciphers': 'AES128-SHA:DES-CBC3-SHA', "
                        + PAIR + "}}"))
                .containsExactly(
                        "https.secureProtocol: has no effect: Hipache speaks TLS 1.2 and 1.3 only",
                        "https.ciphers: Hipache does not support these cipher suites and leaves them out: DES-CBC3-SHA");
    }

    @Test
    void knowsTheKeysOfASectionWithoutAddresses() throws Exception {
        assertThat(warnings("{'https': {'bind': [], 'ca': [], 'passphrase': 'x', 'ciphers': '', 'cert': '/no'}}"))
                .isEmpty();
    }

    private static Path absolute(String file) {
        return Path.of(file).toAbsolutePath();
    }

    private static List<Listener> listeners(String json) throws ConfigException {
        return config(json).listeners();
    }
}
