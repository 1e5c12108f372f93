package io.hipache.tls;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys in all forms that OpenSSL writes: PKCS#8 (RFC 5958), PKCS#1 for RSA (RFC 8017 A.1.2) and SEC 1 for
 * elliptic curves (RFC 5915), each of them encrypted or not. The JDK knows only PKCS#8.
 */
final class PrivateKeys {
    private static final String RSA = "2a864886f70d010101";
    private static final String EC = "2a8648ce3d0201";
    /**
     * Supported kinds of keys, by object identifier. Ed25519 is missing: neither provider can complete a handshake with
     * such a certificate.
     */
    private static final Map<String, String> ALGORITHMS = Map.of(RSA, "RSA", EC, "EC");

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] NULL = {5, 0};

    private PrivateKeys() {}

    /** Reads the first private key of a file. */
    static PrivateKey read(String pem, @Nullable String passphrase) throws BadPem {
        List<PemBlock> blocks = PemBlock.all(pem);
        for (PemBlock block : blocks) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return key(pkcs8(block, blocks, passphrase));
            }
        }
        throw new BadPem("holds no private key in PEM form");
    }

    /** The key in PKCS#8 form, not encrypted, as PEM. */
    static String write(PrivateKey key) {
        return PemBlock.write("PRIVATE KEY", key.getEncoded());
    }

    private static byte[] pkcs8(PemBlock block, List<PemBlock> blocks, @Nullable String passphrase) throws BadPem {
        byte[] bytes = block.bytes();
        if (block.label().equals("ENCRYPTED PRIVATE KEY")) {
            return EncryptedKeys.pkcs8(bytes, passphrase);
        }
        String cipher = block.header("DEK-Info");
        if (cipher != null) {
            bytes = EncryptedKeys.traditional(bytes, cipher, passphrase);
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> bytes;
            case "RSA PRIVATE KEY" -> pkcs8(RSA, NULL, bytes);
            case "EC PRIVATE KEY" -> pkcs8(EC, curve(bytes, blocks), bytes);
            default -> throw new BadPem("holds a " + block.label() + ", which is not supported");
        };
    }

    private static byte[] pkcs8(String algorithm, byte[] parameters, byte[] key) {
        byte[] oid = Der.write(Der.OID, HexFormat.of().parseHex(algorithm));
        return Der.write(
                Der.SEQUENCE, VERSION_0, Der.write(Der.SEQUENCE, oid, parameters), Der.write(Der.OCTET_STRING, key));
    }

    /** The encoded name of the curve. It stands in the key or in a block of its own. */
    private static byte[] curve(byte[] sec1, List<PemBlock> blocks) throws BadPem {
        Der key = Der.of(sec1).enter(Der.SEQUENCE);
        key.skip();
        key.skip();
        if (key.isAt(Der.TAGGED)) {
            return key.enter(Der.TAGGED).whole();
        }
        for (PemBlock block : blocks) {
            if (block.label().equals("EC PARAMETERS")) {
                return block.bytes();
            }
        }
        throw new BadPem("does not name the curve of its key");
    }

    private static PrivateKey key(byte[] pkcs8) throws BadPem {
        Der info = Der.of(pkcs8).enter(Der.SEQUENCE);
        info.skip();
        String algorithm = ALGORITHMS.get(info.enter(Der.SEQUENCE).oid());
        if (algorithm == null) {
            throw new BadPem("holds a key of a kind that is not supported, use RSA or EC");
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new BadPem("holds a key that cannot be used (" + e.getMessage() + ")", e);
        }
    }
}
