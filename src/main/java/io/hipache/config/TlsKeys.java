package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Key;
import io.hipache.config.json.Keys;
import io.hipache.config.json.Section;
import io.hipache.config.json.Written;
import io.hipache.tls.CipherList;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Reads how an address of {@code https} speaks TLS. For each key, the address's own entry in {@code https.bind} comes
 * first, then the section {@code https} (Hipache 0.4, lib/config/config.js).
 */
final class TlsKeys {
    private static final List<String> WITHOUT_EFFECT = List.of("secureProtocol", "secureOptions");

    private final Section https;
    private final Findings findings;
    private final KeyFileReader files;

    TlsKeys(Section https, KeyFileReader files) {
        this.https = https;
        this.findings = https.findings();
        this.files = files;
    }

    /** Asks for every key of the section, so that the keys count as known even when no address needs them. */
    void warnOfKeysWithoutEffect() {
        ofAddress().forEach(key -> https.has(key.name()));
        warnOfKeysWithoutEffect(https);
    }

    private void warnOfKeysWithoutEffect(Section section) {
        for (String key : WITHOUT_EFFECT) {
            JsonNode value = section.value(key);
            if (value != null && (value.isValueNode() || !value.isEmpty())) {
                findings.warning(section.pathOf(key), "has no effect: Hipache speaks TLS 1.2 and 1.3 only");
            }
        }
    }

    /** The keys of one address, in the order in which they are written. */
    static List<Key<Tls>> ofAddress() {
        Keys<Tls> keys = new Keys<>(Section.empty());
        empty().read(keys);
        return keys.declared();
    }

    /** The keys of a certificate by host name, in the order in which they are written. */
    static List<Key<Tls>> ofCertificate() {
        Keys<Tls> keys = new Keys<>(Section.empty());
        empty().certificate(keys, "", "");
        return keys.declared();
    }

    private static TlsKeys empty() {
        return new TlsKeys(Section.empty(), new KeyFileReader(new Findings(), false));
    }

    /**
     * Reads the keys of one address and their files. Null when a key is missing.
     *
     * @param at the object of the address in {@code https.bind}, null when the address is only a text
     */
    @Nullable
    Tls read(@Nullable Section at) {
        if (at != null) {
            warnOfKeysWithoutEffect(at);
        }
        Keys<Tls> keys = new Keys<>(name -> holder(at, name));
        Tls tls = read(keys);
        if (tls != null) {
            files.read(tls, pathOf(keys, "key"), pathOf(keys, "cert"), pathOf(keys, "ca"));
        }
        return tls;
    }

    /** Reads the keys of a certificate by host name, but not their files. Null when a key is missing. */
    @Nullable
    Tls certificate() {
        return certificate(
                new Keys<>(https),
                "missing, a certificate needs the file of its private key",
                "missing, expected the file of a certificate");
    }

    private @Nullable Tls read(Keys<Tls> keys) {
        Tls certificate = certificate(
                keys,
                "missing, https needs the file of a private key",
                "missing, https needs the file of a certificate");
        String ciphers = keys.key(
                        "ciphers",
                        "cipher suites for TLS 1.2, in the notation of `openssl ciphers` or as IANA "
                                + "names. The suites of TLS 1.3 are always offered")
                .byDefault("Mozilla's *intermediate*")
                .optional(
                        ciphers(keys.section("ciphers")),
                        (tls, secrets) -> tls.ciphers() == null ? null : Written.text(tls.ciphers()));
        boolean honorCipherOrder = keys.key(
                        "honorCipherOrder", "whether the order of Hipache counts, rather than the order of the client")
                .flag(Tls::honorCipherOrder, true);
        return certificate == null ? null : certificate.with(ciphers, honorCipherOrder);
    }

    private @Nullable Tls certificate(Keys<Tls> keys, String withoutKey, String withoutCert) {
        Path key = keys.key(
                        "key",
                        "a PEM file with the private key: RSA or EC, in PKCS#8, PKCS#1 or SEC 1, encrypted or not")
                .byDefault("none, needed")
                .optional(
                        required(keys.section("key"), "key", withoutKey),
                        (tls, secrets) -> Written.text(tls.key().toString()));
        Path cert = keys.key(
                        "cert",
                        "a PEM file: first the certificate of the key, then the certificates that lead "
                                + "towards a root. It may be the same file as `key`")
                .byDefault("none, needed")
                .optional(
                        required(keys.section("cert"), "cert", withoutCert),
                        (tls, secrets) -> Written.text(tls.cert().toString()));
        List<Path> ca = keys.key(
                        "ca",
                        "a file, or a list of files, with further certificates. Hipache sends along those "
                                + "that continue the chain. Clients are never asked for a certificate")
                .byDefault("none")
                .value(paths(keys.section("ca"), "ca"), (tls, secrets) -> Written.texts(tls.ca()));
        String passphrase = keys.key("passphrase", "the passphrase of an encrypted key")
                .optional(
                        keys.section("passphrase").secretText("passphrase"),
                        (tls, secrets) ->
                                tls.passphrase() == null ? null : Written.text(secrets.apply(tls.passphrase())));
        return key == null || cert == null ? null : new Tls(key, cert, ca, passphrase, null, true);
    }

    private static String pathOf(Keys<Tls> keys, String name) {
        return keys.section(name).pathOf(name);
    }

    private Section holder(@Nullable Section at, String key) {
        return at != null && at.has(key) ? at : https;
    }

    private @Nullable Path required(Section section, String key, String problem) {
        if (!section.has(key)) {
            findings.problem(section.pathOf(key), problem);
        }
        return section.path(key);
    }

    /** Reads one path or a list of paths. */
    private List<Path> paths(Section section, String key) {
        List<Path> paths = new ArrayList<>();
        for (JsonNode entry : entries(section.value(key))) {
            try {
                if (entry.isTextual() && !entry.textValue().isBlank()) {
                    paths.add(Path.of(entry.textValue()).toAbsolutePath());
                } else {
                    findings.expected(section.pathOf(key), "a path or a list of paths", entry);
                }
            } catch (InvalidPathException e) {
                findings.problem(section.pathOf(key), "expected a path, got a text that is not a path");
            }
        }
        return paths;
    }

    private @Nullable String ciphers(Section section) {
        String path = section.pathOf("ciphers");
        StringJoiner joined = new StringJoiner(":").setEmptyValue("");
        for (JsonNode entry : entries(section.value("ciphers"))) {
            if (!entry.isTextual()) {
                findings.expected(path, "names of cipher suites", entry);
                return null;
            }
            joined.add(entry.textValue());
        }
        String text = joined.toString();
        if (text.isBlank()) {
            return null;
        }
        try {
            CipherList list = CipherList.parse(text);
            if (!list.unavailable().isEmpty()) {
                findings.warning(
                        path,
                        "Hipache does not support these cipher suites and leaves them out: "
                                + String.join(", ", list.unavailable()));
            }
            return text;
        } catch (IllegalArgumentException e) {
            findings.problem(path, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static Iterable<JsonNode> entries(@Nullable JsonNode value) {
        if (value == null) {
            return List.of();
        }
        return value.isArray() ? value : List.of(value);
    }
}
