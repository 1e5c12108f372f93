package io.hipache.config;

import static io.hipache.config.Loading.load;
import static io.hipache.config.Loading.problems;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig.Tls;
import io.hipache.tls.Credential;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contents of key files reach a worker that may not read the files. */
class KeyFilesTest {
    private static final Path KEYS = Path.of("src/test/resources/tls/keys").toAbsolutePath();

    private final Path folder;

    KeyFilesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void workersGetKeysThatAreNotEncryptedAnyMore() throws Exception {
        copy("rsa-pbes2-aes256.key");
        copy("rsa.crt");

        Credential credential = handedOver("rsa-pbes2-aes256.key", "rsa.crt", "'passphrase': 's3cret'");

        assertThat(credential)
                .isEqualTo(Credential.of(
                        Files.readString(KEYS.resolve("rsa-pkcs8.key")), Files.readString(KEYS.resolve("rsa.crt"))));
    }

    @Test
    void workersGetKeyAndChainOfOneFile() throws Exception {
        copy("leaf.pem");

        Credential credential = handedOver("leaf.pem", "leaf.pem", "'passphrase': 'unused'");

        assertThat(credential.chain()).hasSize(2);
    }

    @Test
    void workersGetFurtherCertificates() throws Exception {
        copy("leaf.key");
        copy("leaf.crt");
        copy("authority.crt");

        Credential credential = handedOver("leaf.key", "leaf.crt", "'ca': '" + folder + "/authority.crt'");

        assertThat(credential.chain()).hasSize(2);
    }

    @Test
    void workersGetTheStapleBesideTheChain() throws Exception {
        copy("leaf.key");
        copy("leaf-chain.crt");
        Files.copy(KEYS.resolve("leaf-good.ocsp"), folder.resolve("leaf-chain.crt.ocsp"));

        Credential credential = handedOver("leaf.key", "leaf-chain.crt", "'port': 443");

        assertThat(credential).hasToString("Credential[CN=leaf.example, 2 certificates, staple true]");
    }

    @Test
    @Timeout(20)
    void aNamedPipeIsAProblem() throws Exception {
        copy("rsa-pkcs8.key");
        Path pipe = folder.resolve("pipe.crt");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        String json = "{'https': {'key': '" + folder + "/rsa-pkcs8.key', 'cert': '" + pipe + "'}}";

        assertThat(problems(json)).contains("https.cert: cannot read " + pipe + ": is a named pipe");
    }

    @Test
    @Timeout(20)
    void aKeyFileWithoutAnEndIsAProblem() throws Exception {
        copy("rsa.crt");

        String json = "{'https': {'key': '/dev/zero', 'cert': '" + folder + "/rsa.crt'}}";

        assertThat(problems(json)).contains("https.key: cannot read /dev/zero: is too large");
    }

    @Test
    void aStapleThatIsOfNoUseIsAWarning() throws Exception {
        copy("leaf.key");
        copy("leaf-chain.crt");
        Files.copy(KEYS.resolve("leaf-revoked.ocsp"), folder.resolve("leaf-chain.crt.ocsp"));

        LoadedConfig loaded = load(json("leaf.key", "leaf-chain.crt", "'port': 443"));

        assertThat(loaded.warnings())
                .containsExactly("https.cert: no OCSP stapling: " + folder
                        + "/leaf-chain.crt.ocsp says that the certificate is revoked or unknown");
        assertThat(tls(loaded.config())).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "expired, 'because it expired on 2020-01-02T00:00:00Z'",
        "future,  'because it is not valid before 2120-01-01T00:00:00Z'"
    })
    void aCertificateThatClientsRefuseForItsDatesIsAWarning(String name, String why) throws Exception {
        copy(name + ".key");
        copy(name + ".crt");

        LoadedConfig loaded = load(json(name + ".key", name + ".crt", "'certificatesDir': '" + folder + "'"));

        assertThat(loaded.warnings())
                .containsExactly(
                        "https.cert: clients refuse the certificate in " + folder + "/" + name + ".crt, " + why,
                        "https.certificatesDir: clients refuse the certificate in " + folder + "/" + name + ".crt, "
                                + why);
        assertThat(loaded.config().certificates().files()).hasSize(1);
    }

    @Test
    void anExpiredAuthorityIsAWarningToo() throws Exception {
        copy("of-expired-authority.key");
        copy("of-expired-authority.crt");
        copy("expired-authority.crt");
        String ca = "'ca': '" + folder + "/expired-authority.crt'";

        assertThat(load(json("of-expired-authority.key", "of-expired-authority.crt", ca))
                        .warnings())
                .containsExactly("https.cert: clients refuse the certificate in " + folder
                        + "/of-expired-authority.crt, because one that leads from it to a root expired on"
                        + " 2020-01-02T00:00:00Z");
        assertThat(load(json("of-expired-authority.key", "of-expired-authority.crt", "'port': 443"))
                        .warnings())
                .isEmpty();
    }

    @Test
    void showsNoSecret() throws Exception {
        copy("leaf.pem");
        HipacheConfig config =
                load(json("leaf.pem", "leaf.pem", "'passphrase': 'hunter2'")).config();

        assertThat(config.toString()).doesNotContain("PRIVATE", "hunter2");
        assertThat(ConfigJson.masked(config))
                .doesNotContain("PRIVATE", "hunter2")
                .contains("\"passphrase\" : \"***\"");
    }

    private void copy(String file) throws Exception {
        Files.copy(KEYS.resolve(file), folder.resolve(file));
    }

    private String json(String key, String cert, String others) {
        return "{'https': {'key': '" + folder + "/" + key + "', 'cert': '" + folder + "/" + cert + "', " + others
                + "}}";
    }

    /** The credential that a worker finds in its configuration when the files are gone. */
    private Credential handedOver(String key, String cert, String others) throws Exception {
        String piped = ConfigJson.encode(load(json(key, cert, others)).config());
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        HipacheConfig config = ConfigJson.decode(piped);
        return config.files().credential(tls(config));
    }

    private static Tls tls(HipacheConfig config) {
        return Objects.requireNonNull(
                config.listeners().get(config.listeners().size() - 1).tls());
    }
}
