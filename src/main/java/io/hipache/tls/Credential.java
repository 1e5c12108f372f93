package io.hipache.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private key with its certificate chain: how a listener proves its identity. The key belongs to the first
 * certificate. Immutable.
 *
 * @param chain the certificate of the host, then the intermediate certificates up to the root, which is left out; never
 *     empty
 * @param staple the authority's OCSP response for the certificate, or null when there is none
 */
public record Credential(PrivateKey key, List<X509Certificate> chain, @Nullable OcspStaple staple) {
    private static final byte[] SAMPLE = new byte[32];
    /** Certificates of one chain that a tenant has written. Each handshake sends all of them. Real chains have up to five. */
    private static final int MOST_OF_TENANT = 10;

    public Credential {
        chain = List.copyOf(chain);
    }

    /**
     * Makes a credential from the texts of two files, which may be the same file. The key must not be encrypted.
     *
     * @throws BadPem when a file cannot be used, or when the key does not belong to the first certificate
     */
    public static Credential of(String keyPem, String certificatePem) throws BadPem {
        return of(PrivateKeys.read(keyPem, null), Certificates.read(certificatePem));
    }

    /**
     * Makes a credential from texts that a tenant has written. It takes no key that would hold up everybody's handshakes, and
     * no long chain.
     *
     * @throws BadPem when a text cannot be used, when the key costs too much, or when it does not belong to the first certificate
     */
    public static Credential ofTenant(String keyPem, String certificatePem) throws BadPem {
        PrivateKey key = PrivateKeys.read(keyPem, null);
        List<X509Certificate> chain = Certificates.read(certificatePem, MOST_OF_TENANT);
        String excess = KeyBounds.excess(key);
        excess = excess == null ? KeyBounds.excess(chain.get(0).getPublicKey()) : excess;
        if (excess == null && key instanceof RSAPrivateKey && !(key instanceof RSAPrivateCrtKey)) {
            excess = "holds an RSA key without its primes, which takes too long";
        }
        if (excess != null) {
            throw new BadPem(excess);
        }
        return of(key, chain);
    }

    /** Why handshakes with this credential take long, as a predicate of its key; null when they do not. */
    public @Nullable String excess() {
        return KeyBounds.excess(key);
    }

    /**
     * Makes a credential from a key and its chain.
     *
     * @throws BadPem when the key does not belong to the first certificate
     */
    public static Credential of(PrivateKey key, List<X509Certificate> chain) throws BadPem {
        if (!belongs(key, chain.get(0))) {
            throw new BadPem("does not belong to the certificate");
        }
        return new Credential(key, chain, null);
    }

    /**
     * Reads the first private key of a file.
     *
     * @param passphrase opens an encrypted key; null when there is none
     * @throws BadPem when the file has no key, or when the key cannot be read or opened
     */
    public static PrivateKey readKey(String pem, @Nullable String passphrase) throws BadPem {
        return PrivateKeys.read(pem, passphrase);
    }

    /** The text of a file with this key in PKCS#8 form, not encrypted. */
    public static String writeKey(PrivateKey key) {
        return PrivateKeys.write(key);
    }

    /**
     * Adds those of {@code authorities} that continue the chain. Roots are not sent, because clients have their own
     * (RFC 8446 §4.4.2).
     */
    public Credential continuedBy(List<X509Certificate> authorities) {
        List<X509Certificate> longer = new ArrayList<>(chain);
        List<X509Certificate> left = new ArrayList<>(authorities);
        left.removeIf(authority -> isRoot(authority) || longer.contains(authority));
        X509Certificate next = successor(longer, left);
        while (next != null) {
            longer.add(next);
            left.remove(next);
            next = successor(longer, left);
        }
        return new Credential(key, longer, staple);
    }

    /** The same credential with this staple, or without any. */
    public Credential with(@Nullable OcspStaple other) {
        return new Credential(key, chain, other);
    }

    private static @Nullable X509Certificate successor(List<X509Certificate> chain, List<X509Certificate> authorities) {
        X509Certificate last = chain.get(chain.size() - 1);
        for (X509Certificate authority : authorities) {
            if (authority.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                return authority;
            }
        }
        return null;
    }

    private static boolean isRoot(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** Whether the certificate verifies what the key signs. */
    private static boolean belongs(PrivateKey key, X509Certificate certificate) {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(SAMPLE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(SAMPLE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // the key is of another kind than the certificate's, or on another curve
            return false;
        }
    }

    /** Leaves out the key, which is secret. */
    @Override
    public String toString() {
        String subject = chain.get(0).getSubjectX500Principal().getName();
        return "Credential[" + subject + ", " + chain.size() + " certificates, staple " + (staple != null) + "]";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Credential credential
                && Arrays.equals(key.getEncoded(), credential.key.getEncoded())
                && chain.equals(credential.chain);
    }

    @Override
    public int hashCode() {
        return chain.hashCode();
    }
}
