package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.problems;
import static io.hipache.config.Loading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig.HostCertificate;
import io.hipache.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Certificates by host name: {@code https.certificates}, {@code https.certificatesDir}, {@code
 * https.certificatesFromRedis}.
 */
class HostCertificateKeysTest {
    private final Path folder;

    HostCertificateKeysTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void takesTheHostsThatAreGiven() throws Exception {
        assertThat(certificates(entry("'hosts': ['X.example.', '*.Wild.example'], ", TestCertificate.A)))
                .containsExactly(new HostCertificate(List.of("x.example", "*.wild.example"), tls(TestCertificate.A)));
        assertThat(certificates(entry("'hosts': 'x.example', ", TestCertificate.A)))
                .extracting(HostCertificate::hosts)
                .containsExactly(List.of("x.example"));
    }

    @Test
    void takesElseTheHostsThatTheCertificateIsFor() throws Exception {
        assertThat(certificates(entry("", TestCertificate.A) + "," + entry("", TestCertificate.WILDCARD) + ","
                        + entry("", TestCertificate.COMMON_NAME)))
                .extracting(HostCertificate::hosts)
                .containsExactly(List.of("a.example", "www.a.example"), List.of("*.example"), List.of("cn.example"));
    }

    @Test
    void demandsHostsWhereTheCertificateNamesNone() {
        assertThat(problems(list(entry("", TestCertificate.ADDRESS))))
                .containsExactly("https.certificates[0].hosts: missing, and the certificate names no host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.*.example", "a.*", "a b", "192.0.2.1", "b\u00fccher.example", "a.example:443", ""})
    void refusesWhatIsNoHost(String host) {
        assertThat(problems(list(entry("'hosts': ['" + host + "'], ", TestCertificate.A))))
                .containsExactly("https.certificates[0].hosts: expected host names or wildcards such as *.example.com,"
                        + " got \"" + host + "\"");
    }

    @Test
    void saysWhichOfTwoCertificatesAHostHas() throws Exception {
        String two = entry("", TestCertificate.A) + "," + entry("", TestCertificate.A_RENEWED);

        assertThat(certificates(two)).hasSize(1);
        assertThat(warnings(list(two)))
                .containsExactly(
                        "https.certificates[1]: not used for a.example, which has the certificate of https.certificates[0]");
    }

    @Test
    void namesWhatIsMissingOrWrong() {
        String key = TestCertificate.B.keyFile().toString();

        assertThat(problems(list("{'hosts': 'a.example'}")))
                .containsExactly(
                        "https.certificates[0].key: missing, a certificate needs the file of its private key",
                        "https.certificates[0].cert: missing, expected the file of a certificate");
        assertThat(problems(list("{'key': '/no/a.key', 'cert': '" + TestCertificate.A.certFile() + "'}")))
                .containsExactly("https.certificates[0].key: cannot read /no/a.key: no such file or folder");
        assertThat(problems(list("{'key': '" + key + "', 'cert': '" + TestCertificate.A.certFile() + "'}")))
                .containsExactly("https.certificates[0].key: " + key + " does not belong to the certificate in "
                        + TestCertificate.A.certFile());
        assertThat(problems(https("'certificates': {}")))
                .containsExactly("https.certificates: expected a list of {\"hosts\", \"key\", \"cert\"}");
    }

    @Test
    void warnsOfKeysThatItDoesNotKnow() throws Exception {
        assertThat(warnings(list(entry("'host': 'a.example', ", TestCertificate.A))))
                .containsExactly(
                        "https.certificates[0].host: unknown key, ignored, did you mean https.certificates[0].hosts?");
    }

    @Test
    void readsAFolderAsPlanbAndHaproxyDo() throws Exception {
        copy(TestCertificate.A, "x.example.crt", "x.example.key");
        copy(TestCertificate.B, "_wildcard.b.example.crt", "_wildcard.b.example.key");
        copy(TestCertificate.COMMON_NAME, "*.c.example.crt", "*.c.example.key");
        Files.writeString(
                folder.resolve("site.pem"), TestCertificate.WILDCARD.certificate() + TestCertificate.WILDCARD.key());
        Files.writeString(folder.resolve("README"), "anything");

        assertThat(config(https("'certificatesDir': '" + folder + "'"))
                        .certificates()
                        .files())
                .extracting(HostCertificate::hosts)
                .containsExactly(
                        List.of("*.c.example", "cn.example"),
                        List.of("*.b.example", "b.example"),
                        List.of("*.example"),
                        List.of("x.example", "a.example", "www.a.example"));
    }

    @Test
    void inAFolderTheFileThatIsNamedAfterAHostHasIt() throws Exception {
        copy(TestCertificate.A, "1.example.crt", "1.example.key");
        copy(TestCertificate.B, "a.example.crt", "a.example.key");

        assertThat(config(https("'certificatesDir': '" + folder + "'"))
                        .certificates()
                        .files())
                .extracting(HostCertificate::hosts)
                .containsExactly(List.of("1.example", "www.a.example"), List.of("a.example", "b.example"));
    }

    @Test
    void theListComesBeforeTheFolder() throws Exception {
        copy(TestCertificate.A_RENEWED, "a.example.crt", "a.example.key");

        assertThat(config(https("'certificatesDir': '" + folder + "', 'certificates': [" + entry("", TestCertificate.A)
                                + "]"))
                        .certificates()
                        .files())
                .containsExactly(new HostCertificate(List.of("a.example", "www.a.example"), tls(TestCertificate.A)));
    }

    @Test
    void saysWhatIsWrongInAFolder() throws Exception {
        copy(TestCertificate.A, "a.example.crt", "a.example.key");
        Files.delete(folder.resolve("a.example.key"));
        assertThat(problems(https("'certificatesDir': '" + folder + "'")))
                .containsExactly(
                        "https.certificatesDir: cannot read " + folder + "/a.example.key: no such file or folder");

        assertThat(problems(https("'certificatesDir': '/no/such'")))
                .containsExactly("https.certificatesDir: cannot read /no/such: no such file or folder");
    }

    @Test
    void warnsOfFilesInAFolderThatAreOfNoUse() throws Exception {
        copy(TestCertificate.ADDRESS, "site.crt", "site.key");
        copy(TestCertificate.A, "b.crt", "a.key");
        Files.delete(folder.resolve("b.crt"));

        assertThat(warnings(https("'certificatesDir': '" + folder + "'")))
                .containsExactly(
                        "https.certificatesDir: " + folder + "/a.key is not used: there is no a.crt beside it",
                        "https.certificatesDir: " + folder
                                + "/site.crt is not used: neither its name nor its certificate names a host");
    }

    @Test
    void asksRedisUnlessToldOtherwise() throws Exception {
        assertThat(config("{}").certificates().fromRedis()).isTrue();
        assertThat(config(https("'certificatesFromRedis': false"))
                        .certificates()
                        .fromRedis())
                .isFalse();
    }

    @Test
    void warnsWhereNothingListensForHttps() throws Exception {
        assertThat(warnings("{'https': {'certificates': [" + entry("", TestCertificate.A) + "]}}"))
                .containsExactly("https.certificates: has no effect: no address listens for https");
    }

    @Test
    void reachesAWorkerThatMayReadNoFile() throws Exception {
        copy(TestCertificate.B, "b.example.crt", "b.example.key");
        HipacheConfig here = config(https("'certificatesDir': '" + folder + "', 'certificatesFromRedis': false,"
                + " 'certificates': [" + entry("", TestCertificate.A) + "]"));
        Files.delete(folder.resolve("b.example.key"));

        HipacheConfig there = ConfigJson.decode(ConfigJson.encode(here));

        assertThat(there).isEqualTo(here);
        assertThat(there.files().credential(there.certificates().files().get(1).tls()))
                .isEqualTo(here.files()
                        .credential(here.certificates().files().get(1).tls()));
        assertThat(ConfigJson.masked(here)).contains("b.example.key").doesNotContain("PRIVATE");
    }

    private void copy(TestCertificate certificate, String certFile, String keyFile) throws IOException {
        Files.copy(certificate.certFile(), folder.resolve(certFile));
        Files.copy(certificate.keyFile(), folder.resolve(keyFile));
    }

    private static List<HostCertificate> certificates(String entries) throws ConfigException {
        return config(list(entries)).certificates().files();
    }

    private static String list(String entries) {
        return https("'certificates': [" + entries + "]");
    }

    private static String https(String keys) {
        return "{'https': {'key': '" + Loading.KEY + "', 'cert': '" + Loading.CERT + "', " + keys + "}}";
    }

    private static String entry(String hosts, TestCertificate certificate) {
        return "{" + hosts + "'key': '" + certificate.keyFile() + "', 'cert': '" + certificate.certFile() + "'}";
    }

    private static HipacheConfig.Tls tls(TestCertificate certificate) {
        return new HipacheConfig.Tls(certificate.keyFile(), certificate.certFile());
    }
}
