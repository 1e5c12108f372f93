package io.hipache.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts private keys in both encrypted forms that OpenSSL writes. The JDK does not know the traditional form. Of
 * PKCS#8 it does not know what {@code genrsa -des3} writes, a command that many tutorials recommend.
 */
final class EncryptedKeys {
    private static final String PBES2 = "2a864886f70d01050d";
    private static final String PBKDF2 = "2a864886f70d01050c";
    /** Some seconds of work. OpenSSL uses 2,048 unless it is told otherwise, and nobody recommends a million. */
    private static final int MOST_ITERATIONS = 5_000_000;

    /** Digests by their object identifiers (RFC 8018 appendix B.1.2). SHA-1 is the default. */
    private static final Map<String, String> DIGESTS = Map.of(
            "2a864886f70d0207", "PBKDF2WithHmacSHA1",
            "2a864886f70d0208", "PBKDF2WithHmacSHA224",
            "2a864886f70d0209", "PBKDF2WithHmacSHA256",
            "2a864886f70d020a", "PBKDF2WithHmacSHA384",
            "2a864886f70d020b", "PBKDF2WithHmacSHA512");

    private static final Scheme DES3 = new Scheme("DESede", 24);
    private static final Scheme AES_128 = new Scheme("AES", 16);
    private static final Scheme AES_192 = new Scheme("AES", 24);
    private static final Scheme AES_256 = new Scheme("AES", 32);

    private static final Map<String, Scheme> SCHEMES = Map.of(
            "2a864886f70d0307",
            DES3,
            "60864801650304" + "0102",
            AES_128,
            "60864801650304" + "0116",
            AES_192,
            "60864801650304" + "012a",
            AES_256);

    private static final Map<String, Scheme> TRADITIONAL = Map.of(
            "DES-CBC", new Scheme("DES", 8),
            "DES-EDE3-CBC", DES3,
            "AES-128-CBC", AES_128,
            "AES-192-CBC", AES_192,
            "AES-256-CBC", AES_256);

    /**
     * A block cipher in CBC mode.
     *
     * @param cipher the JDK's name of the cipher
     * @param keyBytes the length of its key, in bytes
     */
    private record Scheme(String cipher, int keyBytes) {
        byte[] decrypt(byte[] key, byte[] iv, byte[] encrypted) throws GeneralSecurityException {
            Cipher decryption = Cipher.getInstance(cipher + "/CBC/PKCS5Padding");
            decryption.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, cipher), new IvParameterSpec(iv));
            return decryption.doFinal(encrypted);
        }
    }

    private EncryptedKeys() {}

    /**
     * Decrypts an {@code ENCRYPTED PRIVATE KEY} (RFC 5958 §3).
     *
     * @return the key in PKCS#8 form
     */
    static byte[] pkcs8(byte[] encrypted, @Nullable String passphrase) throws BadPem {
        String secret = required(passphrase);
        Der info = Der.of(encrypted).enter(Der.SEQUENCE);
        Der algorithm = info.enter(Der.SEQUENCE);
        boolean modern = algorithm.oid().equals(PBES2);
        byte[] ciphertext = info.bytes(Der.OCTET_STRING);
        try {
            byte[] decrypted =
                    modern ? pbes2(algorithm.enter(Der.SEQUENCE), ciphertext, secret) : pbes1(encrypted, secret);
            return checked(decrypted);
        } catch (GeneralSecurityException | IOException e) {
            throw wrong(e);
        }
    }

    private static byte[] pbes2(Der parameters, byte[] ciphertext, String passphrase)
            throws BadPem, GeneralSecurityException {
        Der derivation = parameters.enter(Der.SEQUENCE);
        Der encryption = parameters.enter(Der.SEQUENCE);
        boolean pbkdf2 = derivation.oid().equals(PBKDF2);
        Scheme scheme = SCHEMES.get(encryption.oid());
        if (!pbkdf2 || scheme == null) {
            throw unknown();
        }
        Der pbkdf2Parameters = derivation.enter(Der.SEQUENCE);
        byte[] salt = pbkdf2Parameters.bytes(Der.OCTET_STRING);
        int iterations = pbkdf2Parameters.number();
        if (pbkdf2Parameters.isAt(Der.INTEGER)) {
            pbkdf2Parameters.skip();
        }
        String digest = pbkdf2Parameters.isAtEnd()
                ? "PBKDF2WithHmacSHA1"
                : DIGESTS.get(pbkdf2Parameters.enter(Der.SEQUENCE).oid());
        if (digest == null || salt.length == 0 || iterations < 1 || iterations > MOST_ITERATIONS) {
            throw unknown();
        }
        PBEKeySpec spec = new PBEKeySpec(passphrase.toCharArray(), salt, iterations, 8 * scheme.keyBytes());
        byte[] key = SecretKeyFactory.getInstance(digest).generateSecret(spec).getEncoded();
        return scheme.decrypt(key, encryption.bytes(Der.OCTET_STRING), ciphertext);
    }

    /** PBES1, which PBES2 replaced long ago. The JDK knows its usual schemes. */
    private static byte[] pbes1(byte[] encrypted, String passphrase) throws GeneralSecurityException, IOException {
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
        SecretKeyFactory keys = SecretKeyFactory.getInstance(info.getAlgName());
        return info.getKeySpec(
                        keys.generateSecret(new PBEKeySpec(passphrase.toCharArray())), Security.getProvider("SunJCE"))
                .getEncoded();
    }

    /**
     * Decrypts OpenSSL's traditional form. The key is derived with MD5, as in OpenSSL's {@code EVP_BytesToKey}.
     *
     * @param dekInfo the cipher's name, a comma, and the initialization vector in hexadecimal digits (RFC 1421
     *     §4.6.1.3)
     */
    static byte[] traditional(byte[] encrypted, String dekInfo, @Nullable String passphrase) throws BadPem {
        int comma = dekInfo.indexOf(',');
        Scheme scheme = TRADITIONAL.get(comma < 0 ? dekInfo : dekInfo.substring(0, comma));
        if (scheme == null || comma < 0) {
            throw unknown();
        }
        String secret = required(passphrase);
        try {
            byte[] iv = HexFormat.of().parseHex(dekInfo.substring(comma + 1).strip());
            return checked(scheme.decrypt(derived(scheme.keyBytes(), iv, secret), iv, encrypted));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    private static byte[] derived(int length, byte[] iv, String passphrase) throws GeneralSecurityException {
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        byte[] key = new byte[0];
        byte[] last = new byte[0];
        while (key.length < length) {
            md5.update(last);
            md5.update(passphrase.getBytes(StandardCharsets.UTF_8));
            md5.update(iv, 0, 8);
            last = md5.digest();
            byte[] longer = Arrays.copyOf(key, key.length + last.length);
            System.arraycopy(last, 0, longer, key.length, last.length);
            key = longer;
        }
        return Arrays.copyOf(key, length);
    }

    /**
     * Checks that the result is a key. With a wrong passphrase, the padding still looks right in 1 of 256 cases, and
     * the result is garbage.
     */
    private static byte[] checked(byte[] decrypted) throws BadPem {
        try {
            Der key = Der.of(decrypted);
            key.enter(Der.SEQUENCE).number();
            if (key.isAtEnd()) {
                return decrypted;
            }
        } catch (BadPem e) {
            throw wrong(e);
        }
        throw wrong(null);
    }

    private static String required(@Nullable String passphrase) throws BadPem {
        if (passphrase == null) {
            throw new BadPem("is encrypted, and there is no passphrase for it");
        }
        return passphrase;
    }

    private static BadPem unknown() {
        return new BadPem("is encrypted in a way that is not supported; openssl pkcs8 -topk8 writes one that is");
    }

    private static BadPem wrong(@Nullable Throwable cause) {
        BadPem bad = new BadPem("is encrypted, and the passphrase does not open it");
        if (cause != null) {
            bad.addSuppressed(cause);
        }
        return bad;
    }
}
