package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {

    @Test
    void readsKeyAndChainFromOneFile() throws Exception {
        String both = TestPem.text("leaf.pem");

        Credential credential = Credential.of(both, both);

        assertThat(credential.chain())
                .extracting(X509Certificate::getSubjectX500Principal)
                .hasSize(2);
        assertThat(credential)
                .isEqualTo(Credential.of(TestPem.text("leaf.key"), TestPem.text("leaf-chain.crt")))
                .isNotEqualTo(Credential.of(TestPem.text("leaf.key"), TestPem.text("leaf.crt")));
    }

    @ParameterizedTest
    @CsvSource({"rsa-pkcs1, leaf", "leaf, rsa", "leaf, ec"})
    void refusesAKeyOfAnotherCertificate(String key, String certificate) {
        assertThatThrownBy(() -> Credential.of(TestPem.text(key + ".key"), TestPem.text(certificate + ".crt")))
                .isInstanceOf(BadPem.class)
                .hasMessage("does not belong to the certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa-4096", "ec-p521"})
    void takesTheLargestKeysOfATenantThatDoNotHoldUpOthers(String name) throws Exception {
        String key = TestPem.text(name + ".key");
        String certificate = TestPem.text(name + ".crt");

        assertThat(Credential.ofTenant(key, certificate)).isEqualTo(Credential.of(key, certificate));
        assertThat(Credential.of(key, certificate).excess()).isNull();
    }

    @Test
    void refusesALargerKeyOfATenantButNotOfAFile() throws Exception {
        String key = TestPem.text("rsa-4608.key");
        String certificate = TestPem.text("rsa-4608.crt");

        assertThatThrownBy(() -> Credential.ofTenant(key, certificate))
                .isInstanceOf(BadPem.class)
                .hasMessage("holds an RSA key of 4608 bits, and more than 4096 take too long");
        assertThat(Credential.of(key, certificate).excess()).contains("4608 bits");
    }

    @Test
    void refusesAKeyOfATenantThatIsSlowForAnotherReason() throws Exception {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) Credential.readKey(TestPem.text("rsa-pkcs8.key"), null);
        KeyFactory keys = KeyFactory.getInstance("RSA");
        BigInteger phi = key.getPrimeP()
                .subtract(BigInteger.ONE)
                .multiply(key.getPrimeQ().subtract(BigInteger.ONE));
        PrivateKey largeExponent = keys.generatePrivate(new RSAPrivateCrtKeySpec(
                key.getModulus(),
                key.getPublicExponent().add(phi.shiftRight(1).setBit(0)),
                key.getPrivateExponent(),
                key.getPrimeP(),
                key.getPrimeQ(),
                key.getPrimeExponentP(),
                key.getPrimeExponentQ(),
                key.getCrtCoefficient()));
        PrivateKey withoutPrimes =
                keys.generatePrivate(new RSAPrivateKeySpec(key.getModulus(), key.getPrivateExponent()));

        assertThatThrownBy(() -> Credential.ofTenant(Credential.writeKey(largeExponent), TestPem.text("rsa.crt")))
                .hasMessageContaining("very large public exponent");
        assertThatThrownBy(() -> Credential.ofTenant(Credential.writeKey(withoutPrimes), TestPem.text("rsa.crt")))
                .isInstanceOf(BadPem.class);
    }

    @Test
    void refusesALongChainOfATenant() throws Exception {
        String key = TestPem.text("leaf.key");
        String certificate = TestPem.text("leaf.crt");

        assertThat(Credential.ofTenant(key, certificate.repeat(10)).chain()).hasSize(10);
        assertThatThrownBy(() -> Credential.ofTenant(key, certificate.repeat(11)))
                .hasMessage("holds more than 10 certificates");
        assertThat(Credential.of(key, certificate.repeat(11)).chain()).hasSize(11);
    }

    @Test
    void continuesTheChainButNotToTheRoot() throws Exception {
        Credential alone = Credential.of(TestPem.text("leaf.key"), TestPem.text("leaf.crt"));
        List<X509Certificate> authorities =
                Certificates.read(TestPem.text("rsa.crt") + TestPem.text("root.crt") + TestPem.text("authority.crt"));

        assertThat(alone.continuedBy(authorities).chain())
                .isEqualTo(Certificates.read(TestPem.text("leaf-chain.crt")))
                .isEqualTo(
                        alone.continuedBy(authorities).continuedBy(authorities).chain());
    }

    @Test
    void showsNoKey() throws Exception {
        Credential credential = Credential.of(TestPem.text("leaf.key"), TestPem.text("leaf-chain.crt"));

        assertThat(credential).hasToString("Credential[CN=leaf.example, 2 certificates, staple false]");
    }

    @Test
    void readsAStaple() throws Exception {
        byte[] response = TestPem.bytes("leaf-good.ocsp");

        OcspStaple staple = OcspStaple.of(response, leaf(), Instant.now());

        assertThat(staple.response()).isEqualTo(response);
        assertThat(staple.isOutdated(Instant.now())).isFalse();
        assertThat(staple.isOutdated(Instant.now().plus(Duration.ofDays(100 * 365))))
                .isTrue();
    }

    @Test
    void saysWhyAStapleIsOfNoUse() throws Exception {
        byte[] good = TestPem.bytes("leaf-good.ocsp");
        Instant later = Instant.now().plus(Duration.ofDays(100 * 365));

        assertThatThrownBy(() -> OcspStaple.of(good, leaf(), later))
                .hasMessageContaining("has been outdated since 2125-06-20");
        assertThatThrownBy(() -> OcspStaple.of(good, certificate("authority.crt"), Instant.now()))
                .hasMessage("is about another certificate");
        assertThatThrownBy(() -> OcspStaple.of(TestPem.bytes("leaf-revoked.ocsp"), leaf(), Instant.now()))
                .hasMessage("says that the certificate is revoked or unknown");
        assertThatThrownBy(() -> OcspStaple.of(new byte[] {0x30, 3, 0x0a, 1, 3}, leaf(), Instant.now()))
                .hasMessage("holds an error instead of an OCSP response");
        assertThatThrownBy(() -> OcspStaple.of(TestPem.bytes("leaf.crt"), leaf(), Instant.now()))
                .hasMessage("is damaged");
    }

    private static X509Certificate leaf() throws BadPem {
        return certificate("leaf.crt");
    }

    private static X509Certificate certificate(String file) throws BadPem {
        return Certificates.read(TestPem.text(file)).get(0);
    }
}
