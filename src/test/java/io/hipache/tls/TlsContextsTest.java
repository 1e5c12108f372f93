package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get from both providers. */
class TlsContextsTest {
    private static final List<String> SUITES = CipherList.intermediate().suites();
    private static final ClientTlsSettings DEFAULTS = new ClientTlsSettings(SUITES, true, List.of("http/1.1"));

    private final TlsEcho servers = new TlsEcho();

    @AfterEach
    void closeServers() {
        servers.close();
    }

    @Test
    void boringSslIsThereAndSaysSo() {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"));

        assertThat(TlsProvider.best()).isEqualTo(TlsProvider.BORINGSSL);
        assertThat(TlsProvider.best().describe()).isEqualTo("TLS by BoringSSL");
        assertThat(TlsProvider.JDK.describe()).startsWith("TLS by Java 1");
    }

    /** Certificates of the store are made while handshakes wait. Reading all that Java trusts takes megabytes, and milliseconds. */
    @Test
    void aContextIsMadeWithoutReadingWhatJavaTrusts() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        TlsContexts contexts = new TlsContexts(TlsProvider.BORINGSSL);
        Credential credential = credential("ec-sec1 ec");
        contexts.forClients(DEFAULTS, credential).close();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10; i++) {
            contexts.forClients(DEFAULTS, credential).close();
        }

        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 10).isLessThan(300_000);
    }

    static Stream<Arguments> credentials() {
        return Stream.of(TlsProvider.values()).flatMap(provider -> Stream.of("TLSv1.2", "TLSv1.3")
                .flatMap(protocol -> Stream.of("rsa-pkcs1 rsa", "ec-sec1 ec", "leaf leaf-chain")
                        .map(pair -> arguments(provider, protocol, pair))));
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void showsItsCertificateAndChain(TlsProvider provider, String protocol, String pair) throws Exception {
        Credential credential = credential(pair);
        int port = servers.start(new TlsContexts(provider).forClients(DEFAULTS, credential));

        ExtendedSSLSession session = new TlsClient().protocols(protocol).connect(port);

        assertThat(session.getPeerCertificates()).containsExactlyElementsOf(credential.chain());
        assertThat(session.getProtocol()).isEqualTo(protocol);
        assertThat(SUITES).contains(session.getCipherSuite());
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void speaksNothingOlderThanTls12(TlsProvider provider) throws Exception {
        int port = servers.start(new TlsContexts(provider).forClients(DEFAULTS, credential("leaf leaf")));

        assertThatThrownBy(() -> new TlsClient().protocols("TLSv1.1", "TLSv1").connect(port))
                .isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void offersHttp11ByAlpn(TlsProvider provider) throws Exception {
        int port = servers.start(new TlsContexts(provider).forClients(DEFAULTS, credential("leaf leaf")));

        assertThat(new TlsClient().alpn("h2", "http/1.1").connectForProtocol(port))
                .isEqualTo("http/1.1");
        assertThat(new TlsClient().connectForProtocol(port)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void choosesByTheOrderThatIsToCount(TlsProvider provider) throws Exception {
        String first = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        String second = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        TlsContexts contexts = new TlsContexts(provider);
        Credential credential = credential("rsa-pkcs1 rsa");
        int ours = servers.start(
                contexts.forClients(new ClientTlsSettings(List.of(first, second), true, List.of()), credential));
        int theirs = servers.start(
                contexts.forClients(new ClientTlsSettings(List.of(first, second), false, List.of()), credential));
        TlsClient client = new TlsClient().protocols("TLSv1.2").suites(second, first);

        assertThat(client.connect(ours).getCipherSuite()).isEqualTo(first);
        assertThat(client.connect(theirs).getCipherSuite()).isEqualTo(second);
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void speaksTls13AloneWhereNoOtherSuiteIsLeft(TlsProvider provider) throws Exception {
        CipherList list = CipherList.parse("TLS_AES_256_GCM_SHA384");
        int port = servers.start(new TlsContexts(provider)
                .forClients(new ClientTlsSettings(list.suites(), true, List.of()), credential("leaf leaf")));

        assertThat(new TlsClient().connect(port).getProtocol()).isEqualTo("TLSv1.3");
        assertThatThrownBy(() -> new TlsClient().protocols("TLSv1.2").connect(port))
                .isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void resumesWithTicketsOfAnyWorkerWithTheSameKeys(String protocol) throws Exception {
        AtomicReference<ClientTls> worker = new AtomicReference<>(worker(keys(1)));
        int port = servers.start(worker::get);
        TlsClient client = new TlsClient().protocols(protocol);
        client.connect(port);

        boolean onTheSame = client.resumes(port);
        worker.set(worker(keys(1)));
        boolean onAnother = client.resumes(port);
        worker.set(worker(keys(2)));
        boolean onAStranger = client.resumes(port);

        assertThat(onTheSame).isTrue();
        assertThat(onAnother).isTrue();
        assertThat(onAStranger).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void resumesAfterARotationUntilTheKeyIsGone(String protocol) throws Exception {
        TlsContexts contexts = new TlsContexts(TlsProvider.BORINGSSL);
        contexts.useTicketKeys(keys(1));
        int port = servers.start(contexts.forClients(DEFAULTS, credential("leaf leaf")));
        TlsClient client = new TlsClient().protocols(protocol);
        client.connect(port);

        contexts.useTicketKeys(keys(2, 1));
        boolean afterOne = client.resumes(port);
        contexts.useTicketKeys(keys(4, 3));
        boolean afterAll = client.resumes(port);

        assertThat(afterOne).isTrue();
        assertThat(afterAll).isFalse();
    }

    @Test
    void staplesWhatTheAuthoritySays() throws Exception {
        byte[] response = TestPem.bytes("leaf-good.ocsp");
        Credential credential = credential("leaf leaf-chain");
        OcspStaple staple = OcspStaple.of(response, credential.chain().get(0), Instant.now());
        TlsContexts contexts = new TlsContexts(TlsProvider.BORINGSSL);
        int with = servers.start(contexts.forClients(DEFAULTS, credential.with(staple)));
        int without = servers.start(contexts.forClients(DEFAULTS, credential));

        assertThat(new TlsClient().protocols("TLSv1.2").connect(with).getStatusResponses())
                .containsExactly(response);
        assertThat(new TlsClient().protocols("TLSv1.3").connect(with).getStatusResponses())
                .containsExactly(response);
        assertThat(new TlsClient().connect(without).getStatusResponses()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"x25519, true", "secp384r1, true", "secp521r1, false"})
    void agreesOnGoodCurvesOnly(String group, boolean agrees) throws Exception {
        int port = servers.start(new TlsContexts(TlsProvider.BORINGSSL).forClients(DEFAULTS, credential("leaf leaf")));

        assertThat(servers.agreesOn(group, port)).isEqualTo(agrees);
    }

    @Test
    void givesAHandshakeTenSeconds() throws Exception {
        ClientTls tls = new TlsContexts(TlsProvider.best()).forClients(DEFAULTS, credential("leaf leaf"));

        assertThat(servers.handshakeTimeoutMillis(tls)).isEqualTo(10_000);
    }

    private static ClientTls worker(ByteBuffer keys) throws BadPem {
        TlsContexts contexts = new TlsContexts(TlsProvider.BORINGSSL);
        contexts.useTicketKeys(keys);
        return contexts.forClients(DEFAULTS, credential("leaf leaf"));
    }

    private static ByteBuffer keys(int... seeds) {
        ByteBuffer keys = ByteBuffer.allocate(48 * seeds.length);
        for (int seed : seeds) {
            byte[] key = new byte[48];
            new Random(seed).nextBytes(key);
            keys.put(key);
        }
        return keys.flip();
    }

    private static Credential credential(String pair) throws BadPem {
        String[] names = pair.split(" ", 2);
        return Credential.of(TestPem.text(names[0] + ".key"), TestPem.text(names[1] + ".crt"));
    }
}
