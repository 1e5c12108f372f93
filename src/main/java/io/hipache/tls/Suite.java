package io.hipache.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A cipher suite that both providers have and that is secure enough to be offered.
 *
 * @param iana the suite's name in RFCs
 * @param openssl the suite's name in OpenSSL
 * @param words the words of OpenSSL's cipher lists that match this suite
 */
record Suite(String iana, String openssl, Set<String> words) {
    /**
     * How many suites of {@link #TLS12} are <em>intermediate</em>. They come first: ECDHE with authenticated
     * encryption.
     */
    private static final int INTERMEDIATE = 6;

    /** The suites of TLS 1.3. All of them are good, and a cipher list for TLS 1.2 does not concern them. */
    static final List<Suite> TLS13 = List.of(
            tls13("TLS_AES_128_GCM_SHA256"), tls13("TLS_AES_256_GCM_SHA384"), tls13("TLS_CHACHA20_POLY1305_SHA256"));

    /**
     * The suites of TLS 1.2: Mozilla's <em>intermediate</em> ones in their order, then those that old clients may need.
     */
    static final List<Suite> TLS12 = tls12();

    /**
     * Mozilla's <em>intermediate</em> list, version 5.7. The DHE suites are left out, because BoringSSL does not have
     * them.
     */
    static List<Suite> intermediate() {
        return TLS12.subList(0, INTERMEDIATE);
    }

    boolean isNamed(String name) {
        return iana.equals(name) || openssl.equals(name);
    }

    private static List<Suite> tls12() {
        List<Suite> suites = new ArrayList<>();
        ecdhe("AES128-GCM-SHA256", "AES_128_GCM_SHA256", "AES AES128 AESGCM AEAD TLSv1.2", suites);
        ecdhe("AES256-GCM-SHA384", "AES_256_GCM_SHA384", "AES AES256 AESGCM AEAD TLSv1.2", suites);
        ecdhe("CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256", "CHACHA20 AEAD TLSv1.2", suites);
        ecdhe("AES128-SHA", "AES_128_CBC_SHA", "AES AES128 SHA SHA1", suites);
        ecdhe("AES256-SHA", "AES_256_CBC_SHA", "AES AES256 SHA SHA1", suites);
        rsa("AES128-GCM-SHA256", "AES_128_GCM_SHA256", "AES AES128 AESGCM AEAD TLSv1.2", suites);
        rsa("AES256-GCM-SHA384", "AES_256_GCM_SHA384", "AES AES256 AESGCM AEAD TLSv1.2", suites);
        rsa("AES128-SHA", "AES_128_CBC_SHA", "AES AES128 SHA SHA1", suites);
        rsa("AES256-SHA", "AES_256_CBC_SHA", "AES AES256 SHA SHA1", suites);
        return List.copyOf(suites);
    }

    private static Suite tls13(String name) {
        return new Suite(name, name, Set.of());
    }

    private static void ecdhe(String openssl, String iana, String cipher, List<Suite> suites) {
        String exchange = cipher + " ALL HIGH ECDHE EECDH kECDHE kEECDH ";
        String name = "_WITH_" + iana;
        suites.add(new Suite("TLS_ECDHE_ECDSA" + name, "ECDHE-ECDSA-" + openssl, words(exchange + "ECDSA aECDSA")));
        suites.add(new Suite("TLS_ECDHE_RSA" + name, "ECDHE-RSA-" + openssl, words(exchange + "aRSA")));
    }

    private static void rsa(String openssl, String iana, String cipher, List<Suite> suites) {
        suites.add(new Suite("TLS_RSA_WITH_" + iana, openssl, words(cipher + " ALL HIGH RSA kRSA aRSA")));
    }

    private static Set<String> words(String words) {
        return Set.of(words.split(" "));
    }
}
