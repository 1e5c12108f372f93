package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.RawClient;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.Response;
import io.hipache.testing.ResumingClient;
import io.hipache.testing.SniClient;
import io.hipache.testing.SniClient.Shown;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestCertificate;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates by the name that a client asks for: from the configuration, from a folder, from Redis. */
class SniIT {
    private static final String DEFAULT = "localhost";

    private static TestHipache hipache;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Files.copy(TestCertificate.B.certFile(), folder.resolve("dir.example.crt"));
        Files.copy(TestCertificate.B.keyFile(), folder.resolve("dir.example.key"));
        hipache = TestHipache.configured("{'server': {'address': '127.0.0.1', 'port': 1, 'https': {'port': 2, 'key': '"
                + TestTls.KEY + "', 'cert': '" + TestTls.CERT + "', 'certificates': [{'hosts': ['configured.example',"
                + "'*.wild.example'], 'key': '" + TestCertificate.A.keyFile() + "', 'cert': '"
                + TestCertificate.A.certFile() + "'}], 'certificatesDir': '" + folder + "'}}, 'driver': 'REDIS'}");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @Test
    void showsTheListenersOwnCertificateToWhoAsksForNothingOrForAnUnknownName() {
        assertThat(shown(null)).isEqualTo(DEFAULT);
        assertThat(shown("unknown.example")).isEqualTo(DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void showsTheCertificateThatRedisHasForTheName(String protocol) {
        stores("a.example", TestCertificate.A);

        Shown shown = new SniClient(tlsPort()).asks("A.Example", protocol);

        assertThat(shown).isEqualTo(new Shown("a first", protocol));
    }

    @Test
    void prefersTheExactNameToAWildcardOfOneLabel() {
        stores("a.example", TestCertificate.A);
        stores("*.example", TestCertificate.WILDCARD);

        assertThat(shown("a.example")).isEqualTo("a first");
        assertThat(shown("z.example")).isEqualTo("wildcard");
        assertThat(shown("a.z.example")).isEqualTo(DEFAULT);
    }

    @Test
    void showsCertificatesOfTheConfigurationAndOfTheFolder() {
        assertThat(shown("configured.example")).isEqualTo("a first");
        assertThat(shown("x.wild.example")).isEqualTo("a first");
        assertThat(shown("dir.example")).isEqualTo("b");
        // what the certificate in the folder is for
        assertThat(shown("b.example")).isEqualTo("b");
    }

    @Test
    void prefersFilesToRedisAndAnExactNameInRedisToAWildcardInAFile() {
        stores("configured.example", TestCertificate.WILDCARD);
        stores("x.wild.example", TestCertificate.WILDCARD);
        stores("*.wild.example", TestCertificate.WILDCARD);

        assertThat(shown("configured.example")).isEqualTo("a first");
        assertThat(shown("x.wild.example")).isEqualTo("wildcard");
        assertThat(shown("y.wild.example")).isEqualTo("a first");
    }

    @Test
    void aChangeInRedisHoldsForTheVeryNextHandshake() {
        for (int i = 0; i < 10; i++) {
            stores("a.example", TestCertificate.A);
            assertThat(shown("a.example")).isEqualTo("a first");

            stores("a.example", TestCertificate.A_RENEWED);
            assertThat(shown("a.example")).isEqualTo("a renewed");

            hipache.redis().del("tls:a.example");
            assertThat(shown("a.example")).isEqualTo(DEFAULT);
        }
    }

    @Test
    void keepsTheLastGoodPairWhileANewOneIsWritten() {
        stores("a.example", TestCertificate.A);
        assertThat(shown("a.example")).isEqualTo("a first");

        // planb's README writes one field after the other
        hipache.redis().command("HMSET", "tls:a.example", "certificate", TestCertificate.A_RENEWED.certificate());
        assertThat(shown("a.example")).isEqualTo("a first");
        hipache.redis().command("HMSET", "tls:a.example", "key", "no key");
        assertThat(shown("a.example")).isEqualTo("a first");
        hipache.redis().command("HMSET", "tls:a.example", "key", TestCertificate.A_RENEWED.key());
        assertThat(shown("a.example")).isEqualTo("a renewed");
    }

    @Test
    void halfAPairThatNeverWasWholeIsNone() {
        hipache.redis().command("HSET", "tls:half.example", "certificate", TestCertificate.A.certificate());
        hipache.redis().command("SET", "tls:none.example", "no hash");
        assertThat(shown("half.example")).isEqualTo(DEFAULT);
        assertThat(shown("none.example")).isEqualTo(DEFAULT);

        hipache.redis().command("HSET", "tls:half.example", "key", TestCertificate.A.key());
        stores("*.example", TestCertificate.WILDCARD);
        assertThat(shown("half.example")).isEqualTo("a first");
        assertThat(shown("none.example")).isEqualTo("wildcard");
    }

    @Test
    void showsNoCertificateOfATenantWhoseKeyWouldHoldUpEverybodysHandshakes() throws Exception {
        Path keys = Path.of("src/test/resources/tls/keys");
        for (String name : new String[] {"rsa-4096", "rsa-4608"}) {
            hipache.redis()
                    .command(
                            "HSET",
                            "tls:" + name + ".example",
                            "certificate",
                            Files.readString(keys.resolve(name + ".crt")),
                            "key",
                            Files.readString(keys.resolve(name + ".key")));
        }

        // a first handshake may get the default while the certificate is still being parsed
        await().untilAsserted(() -> assertThat(shown("rsa-4096.example")).isEqualTo("rsa-4096.example"));
        assertThat(shown("rsa-4608.example")).isEqualTo(DEFAULT);
    }

    @Test
    void aSessionIsResumedForItsOwnCertificateOnly() throws Exception {
        stores("a.example", TestCertificate.A);
        stores("c.example", TestCertificate.WILDCARD);
        try (ResumingClient client = new ResumingClient(tlsPort(), "TLSv1.3")) {
            assertThat(client.asks("a.example")).isEqualTo(new ResumingClient.Shown("a first", false));
            assertThat(client.asks("a.example")).isEqualTo(new ResumingClient.Shown("a first", true));

            assertThat(client.asks("c.example")).isEqualTo(new ResumingClient.Shown("wildcard", false));
            assertThat(client.asks("unknown.example")).isEqualTo(new ResumingClient.Shown(DEFAULT, false));

            stores("a.example", TestCertificate.A_RENEWED);
            assertThat(client.asks("a.example")).isEqualTo(new ResumingClient.Shown("a renewed", false));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "a..example", "*.example", "\u00ff", "a b"})
    void makesNoLookupForWhatIsNoHostName(String name) {
        stores("*.example", TestCertificate.WILDCARD);
        hipache.redis().command("CONFIG", "RESETSTAT");

        Shown shown = new SniClient(tlsPort()).asksForBytes(name.getBytes(StandardCharsets.ISO_8859_1), "TLSv1.3");

        assertThat(shown.commonName()).isEqualTo(DEFAULT);
        assertThat(hipache.redis().info("commandstats")).doesNotContain("hmget");
    }

    @Test
    void showsTheLastGoodOneWithoutDelayToSpeakOfWhileRedisSaysNothing() {
        stores("a.example", TestCertificate.A);
        assertThat(shown("a.example")).isEqualTo("a first");
        hipache.redis().pause();
        try {
            long began = System.nanoTime();

            assertThat(shown("a.example")).isEqualTo("a first");
            assertThat(shown("b.unknown.example")).isEqualTo(DEFAULT);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
        } finally {
            hipache.redis().resume();
        }
        await().untilAsserted(() -> assertThat(shown("a.example")).isEqualTo("a first"));
    }

    @ParameterizedTest
    @CsvSource({"EXPIRED, expired on 2020-01-02T00:00:00Z", "FUTURE,  is not valid before 2120-01-01T00:00:00Z"})
    void warnsOnceOfACertificateInRedisThatClientsRefuseForItsDates(TestCertificate certificate, String problem) {
        String name = certificate.commonName();
        stores(name, certificate);
        try (RecordedLog log = RecordedLog.of("io.hipache.worker.tls")) {
            // there is at most one line a second
            await().until(() -> {
                assertThat(shown(name)).isEqualTo(name);
                return !log.lines().isEmpty();
            });
            assertThat(shown(name)).isEqualTo(name);

            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0)).contains(name + ": ", problem, "tls:" + name);
        }
    }

    @Test
    void theHostOfARequestNeedNotBeTheNameThatWasAskedFor() {
        stores("a.example", TestCertificate.A);
        TestBackend backend = hipache.backendOf("other.example", Response.ok("hello"));
        try (RawClient client = RawClient.connectTls(tlsPort(), "TLSv1.3")) {
            assertThat(client.get("other.example", "/").readResponse().body()).isEqualTo("hello");
        }

        assertThat(backend.requests()).hasSize(1);
    }

    @Test
    void aClientHelloThatIsTooLongCostsItsOwnConnectionOnly() {
        try (RawClient client = RawClient.connect(tlsPort())) {
            // one record that begins a ClientHello of 16 MB
            client.send(HexFormat.of().parseHex("1603010010" + "01ffffff" + "0303" + "00".repeat(10)));

            client.expectClosed();
        }
        assertThat(shown("configured.example")).isEqualTo("a first");
    }

    private static void stores(String name, TestCertificate certificate) {
        hipache.redis()
                .command("HMSET", "tls:" + name, "certificate", certificate.certificate(), "key", certificate.key());
    }

    private static String shown(@Nullable String name) {
        return SniClient.shown(tlsPort(), name);
    }

    private static int tlsPort() {
        return hipache.port(1);
    }
}
