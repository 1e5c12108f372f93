package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys were written by OpenSSL 3.0. Most are the same RSA key, in the forms that OpenSSL knows. */
class PrivateKeysTest {

    @ParameterizedTest
    @CsvSource({"rsa-pkcs1, rsa-pkcs8, rsa", "rsa-pkcs8, rsa-pkcs8, rsa", "ec-sec1, ec-pkcs8, ec"})
    void readsWhatIsNotEncrypted(String file, String same, String certificate) throws Exception {
        PrivateKey key = read(file, null);

        assertThat(secret(key)).isEqualTo(secret(read(same, null)));
        assertThat(Credential.of(key, Certificates.read(TestPem.text(certificate + ".crt")))
                        .key())
                .isSameAs(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rsa-pbes2-aes256",
                "rsa-pbes2-des3",
                "rsa-pbes2-aes128-sha512",
                "rsa-pbes1-des3",
                "rsa-traditional-aes256",
                "rsa-traditional-des3"
            })
    void opensWhatIsEncrypted(String file) throws Exception {
        assertThat(read(file, "s3cret").getEncoded())
                .isEqualTo(read("rsa-pkcs8", null).getEncoded());
        assertThat(predicate(file, null)).isEqualTo("is encrypted, and there is no passphrase for it");
        assertThat(predicate(file, "wrong")).isEqualTo("is encrypted, and the passphrase does not open it");
        assertThat(predicate(file, "")).isEqualTo("is encrypted, and the passphrase does not open it");
    }

    @Test
    void opensAnEncryptedKeyOnACurve() throws Exception {
        assertThat(secret(read("ec-traditional-aes128", "s3cret"))).isEqualTo(secret(read("ec-pkcs8", null)));
    }

    @Test
    void takesAPassphraseForAKeyThatNeedsNone() throws Exception {
        assertThat(read("rsa-pkcs1", "s3cret")).isEqualTo(read("rsa-pkcs8", null));
    }

    @Test
    void findsTheCurveInABlockOfItsOwn() throws Exception {
        String file = TestPem.text("ec-sec1.key");

        assertThat(file).startsWith("-----BEGIN EC PARAMETERS-----");
        assertThat(PrivateKeys.read(file.substring(file.indexOf("-----BEGIN EC PRIVATE")), null))
                .isEqualTo(read("ec-sec1", null));
    }

    @Test
    void findsTheKeyBehindCertificates() throws Exception {
        assertThat(PrivateKeys.read("leaf\r\n" + TestPem.text("leaf.pem").replace("\n", "\r\n"), null))
                .isEqualTo(read("leaf", null));
    }

    @Test
    void writesWhatItReads() throws Exception {
        String pem = PrivateKeys.write(read("rsa-pkcs1", null));

        assertThat(pem).isEqualTo(TestPem.text("rsa-pkcs8.key"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | holds no private key in PEM form",
                "-----BEGIN PRIVATE KEY-----!-----END PRIVATE KEY----- | is damaged, its PRIVATE KEY is not base64",
                "-----BEGIN PRIVATE KEY-----MAUC-----END PRIVATE KEY----- | is damaged",
                "-----BEGIN EC PRIVATE KEY-----MAcCAQEEAgEB-----END EC PRIVATE KEY----- | does not name the curve of"
                        + " its key",
                "-----BEGIN DSA PRIVATE KEY-----MAA=-----END DSA PRIVATE KEY----- | holds a DSA PRIVATE KEY, which is"
                        + " not supported",
                "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE----- | holds no private key in PEM form",
            })
    void saysWhatIsWrong(String pem, String predicate) {
        assertThat(catchThrowableOfType(BadPem.class, () -> PrivateKeys.read(pem, null))
                        .predicate())
                .isEqualTo(predicate);
    }

    @Test
    void saysWhichKindsOfKeysAreSupported() {
        assertThat(predicate("ed25519", null)).isEqualTo("holds a key of a kind that is not supported, use RSA or EC");
        assertThat(predicate("rsa-scrypt", "s3cret")).contains("not supported", "openssl pkcs8 -topk8");
    }

    /** With the second one, the JDK would be busy for half an hour. */
    @ParameterizedTest
    @CsvSource({"0, 2048", "8, 2147483647", "8, 5000001", "8, 0", "8, -1"})
    void opensNoKeyWhosePassphraseIsDerivedInAnImpossibleWay(int saltLength, int iterations) {
        byte[] pbkdf2 = Der.write(
                Der.SEQUENCE,
                oid("2a864886f70d01050c"),
                Der.write(
                        Der.SEQUENCE,
                        Der.write(Der.OCTET_STRING, new byte[saltLength]),
                        Der.write(
                                Der.INTEGER,
                                ByteBuffer.allocate(4).putInt(iterations).array())));
        byte[] aes = Der.write(Der.SEQUENCE, oid("60864801650304012a"), Der.write(Der.OCTET_STRING, new byte[16]));
        byte[] pbes2 = Der.write(Der.SEQUENCE, oid("2a864886f70d01050d"), Der.write(Der.SEQUENCE, pbkdf2, aes));
        String pem = PemBlock.write(
                "ENCRYPTED PRIVATE KEY", Der.write(Der.SEQUENCE, pbes2, Der.write(Der.OCTET_STRING, new byte[32])));

        BadPem problem = catchThrowableOfType(BadPem.class, () -> PrivateKeys.read(pem, "s3cret"));

        assertThat(problem.predicate()).contains("in a way that is not supported");
    }

    private static byte[] oid(String digits) {
        return Der.write(Der.OID, HexFormat.of().parseHex(digits));
    }

    @Test
    void damagedKeysAreAMessageAndNothingElse() throws Exception {
        byte[] good = read("ec-pkcs8", null).getEncoded();
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) 0xff;
            try {
                PrivateKeys.read(PemBlock.write("PRIVATE KEY", bad), null);
            } catch (BadPem e) {
                assertThat(e.predicate()).isNotBlank();
            }
        }
    }

    /** The part of a key to compare. A file with an EC key may or may not hold the public half. */
    private static Object secret(PrivateKey key) {
        return key instanceof ECPrivateKey ec ? ec.getS() : key;
    }

    private static String predicate(String file, @Nullable String passphrase) {
        return catchThrowableOfType(BadPem.class, () -> read(file, passphrase)).predicate();
    }

    private static PrivateKey read(String file, @Nullable String passphrase) throws BadPem {
        return PrivateKeys.read(TestPem.text(file + ".key"), passphrase);
    }
}
