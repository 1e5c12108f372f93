package io.hipache.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A list of cipher suites as administrators write it: names of OpenSSL or of IANA, or an expression of
 * {@code openssl ciphers} such as {@code EECDH+aRSA+AESGCM:!SHA}. Hipache passed its list to OpenSSL, so old
 * configurations have such expressions. Immutable.
 *
 * @param suites the resulting suites by their IANA names, the best first; the suites of TLS 1.3 are always included
 * @param unavailable names of suites that exist but that this proxy does not speak
 */
public record CipherList(List<String> suites, List<String> unavailable) {

    /** Words of {@code openssl ciphers} that match only suites which this proxy does not speak. */
    private static final Set<String> UNSUPPORTED_WORDS =
            Set.of(("aNULL eNULL NULL LOW MEDIUM EXP EXPORT EXPORT40 EXPORT56 MD5 DES 3DES RC2"
                            + " RC4 IDEA SEED CAMELLIA CAMELLIA128 CAMELLIA256 ARIA ARIA128 ARIA256 ARIAGCM AESCCM AESCCM8 PSK kPSK aPSK"
                            + " kDHEPSK kECDHEPSK kRSAPSK SRP kSRP aSRP DSS aDSS DHE EDH kDHE kEDH DH kDH kDHr kDHd aDH ADH AECDH ECDH"
                            + " kECDH kECDHr kECDHe aECDH SHA256 SHA384 SSLv2 SSLv3 TLSv1 TLSv1.0 KRB5 kFZA GOST kGOST aGOST GOST94"
                            + " GOST89MAC COMPLEMENTOFALL COMPLEMENTOFDEFAULT FIPS SUITEB128 SUITEB128ONLY SUITEB192 DSA")
                    .split(" "));

    /** Parts of suite names, in addition to the words above and those of {@link Suite}. */
    private static final Set<String> PARTS = Set.of(
            "TLS",
            "SSL",
            "WITH",
            "GCM",
            "CCM",
            "CCM8",
            "CBC",
            "CBC3",
            "EDE",
            "EDE3",
            "POLY1305",
            "AES",
            "128",
            "256",
            "8",
            "40",
            "56",
            "SHA",
            "anon",
            "RC4",
            "DES40",
            "EXPORT1024",
            "1024",
            "CHACHA20",
            "RSA",
            "ECDSA",
            "ECDHE");

    public CipherList {
        suites = List.copyOf(suites);
        unavailable = List.copyOf(unavailable);
    }

    /** The suites that are offered by default: Mozilla's <em>intermediate</em> ones. */
    public static CipherList intermediate() {
        return of(Suite.intermediate(), List.of());
    }

    /**
     * Parses a list.
     *
     * @throws IllegalArgumentException when the list names an unknown suite or leaves none; the message is a predicate
     */
    public static CipherList parse(String text) {
        Set<Suite> chosen = new LinkedHashSet<>();
        Set<Suite> banned = new HashSet<>();
        List<String> unavailable = new ArrayList<>();
        boolean tls13 = false;
        for (String element : text.strip().split("[:,;\\s]+", -1)) {
            char first = element.isEmpty() ? '@' : element.charAt(0);
            if (first == '@') {
                // nothing to do: the element is empty, or @STRENGTH (our suites are in that order already), or
                // @SECLEVEL (all are strong enough)
                continue;
            }
            String name = first == '!' || first == '-' || first == '+' ? element.substring(1) : element;
            if (Suite.TLS13.stream().anyMatch(suite -> suite.isNamed(name))) {
                tls13 = true;
                continue;
            }
            List<Suite> matching = suitesFor(name);
            if (first == '!') {
                banned.addAll(matching);
                chosen.removeAll(banned);
            } else if (first == '-') {
                matching.forEach(chosen::remove);
            } else if (first == '+') {
                matching.stream().filter(chosen::remove).toList().forEach(chosen::add);
            } else {
                matching.stream().filter(suite -> !banned.contains(suite)).forEach(chosen::add);
                if (matching.isEmpty() && !isWord(name) && !name.contains("+")) {
                    unavailable.add(name);
                }
            }
        }
        if (chosen.isEmpty() && !tls13) {
            throw new IllegalArgumentException("leaves no cipher suite");
        }
        return of(chosen, unavailable);
    }

    private static CipherList of(Iterable<Suite> tls12, List<String> unavailable) {
        List<String> names = new ArrayList<>();
        Suite.TLS13.forEach(suite -> names.add(suite.iana()));
        tls12.forEach(suite -> names.add(suite.iana()));
        return new CipherList(names, unavailable);
    }

    private static List<Suite> suitesFor(String name) {
        if (name.equals("DEFAULT")) {
            return Suite.intermediate();
        }
        List<Suite> named =
                Suite.TLS12.stream().filter(suite -> suite.isNamed(name)).toList();
        if (!named.isEmpty()) {
            return named;
        }
        String[] words = name.split("\\+", -1);
        if (Stream.of(words).allMatch(CipherList::isWord)) {
            return Suite.TLS12.stream()
                    .filter(suite -> suite.words().containsAll(Arrays.asList(words)))
                    .toList();
        }
        if (Stream.of(name.split("[-_]", -1)).allMatch(CipherList::isPart)) {
            return List.of();
        }
        throw new IllegalArgumentException("names an unknown cipher suite, " + name);
    }

    private static boolean isWord(String word) {
        return UNSUPPORTED_WORDS.contains(word)
                || Suite.TLS12.stream().anyMatch(suite -> suite.words().contains(word));
    }

    private static boolean isPart(String part) {
        return PARTS.contains(part) || isWord(part);
    }
}
