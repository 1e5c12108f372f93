package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Section;
import io.hipache.tls.CipherList;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Reads how an address of {@code https} speaks TLS: its own keys of {@code https.bind} first, then those of the section,
 * each for itself (Hipache 0.4, lib/config/config.js).
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

    /** Has the keys of the section known, also when no address needs them. */
    void warnOfKeysWithoutEffect() {
        List.of("key", "cert", "ca", "passphrase", "ciphers", "honorCipherOrder")
                .forEach(https::has);
        warnOfKeysWithoutEffect(https);
    }

    private void warnOfKeysWithoutEffect(Section section) {
        for (String key : WITHOUT_EFFECT) {
            JsonNode value = section.value(key);
            if (value != null && (value.isValueNode() || !value.isEmpty())) {
                findings.warning(
                        section.pathOf(key), "known, but without effect: TLS 1.2 and 1.3 are spoken, no other");
            }
        }
    }

    /**
     * Null when something is missing.
     *
     * @param at the entry of the address, where it is more than a text
     */
    @Nullable
    Tls read(@Nullable Section at) {
        if (at != null) {
            warnOfKeysWithoutEffect(at);
        }
        Section ofKey = holder(at, "key");
        Section ofCert = holder(at, "cert");
        Section ofCa = holder(at, "ca");
        Path key = required(ofKey, "key", "missing, https needs the file of a private key");
        Path cert = required(ofCert, "cert", "missing, https needs the file of a certificate");
        List<Path> ca = paths(ofCa, "ca");
        String passphrase = passphrase(holder(at, "passphrase"));
        String ciphers = ciphers(holder(at, "ciphers"));
        boolean serverOrder = holder(at, "honorCipherOrder").flag("honorCipherOrder", true);
        if (key == null || cert == null) {
            return null;
        }
        Tls tls = new Tls(key, cert, ca, passphrase, ciphers, serverOrder);
        files.read(tls, ofKey.pathOf("key"), ofCert.pathOf("cert"), ofCa.pathOf("ca"));
        return tls;
    }

    /** As {@link #read}, of what concerns the certificate alone, and without a look at the files. */
    @Nullable
    Tls certificate() {
        Path key = required(https, "key", "missing, a certificate needs the file of its private key");
        Path cert = required(https, "cert", "missing, expected the file of a certificate");
        List<Path> ca = paths(https, "ca");
        String passphrase = passphrase(https);
        return key == null || cert == null ? null : new Tls(key, cert, ca, passphrase, null, true);
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

    /** One path or a list of them. */
    private List<Path> paths(Section section, String key) {
        List<Path> paths = new ArrayList<>();
        for (JsonNode entry : entries(section.value(key))) {
            try {
                if (entry.isTextual() && !entry.textValue().isBlank()) {
                    paths.add(Path.of(entry.textValue()).toAbsolutePath());
                } else {
                    findings.expected(section.pathOf(key), "a path or a list of them", entry);
                }
            } catch (InvalidPathException e) {
                findings.problem(section.pathOf(key), "expected a path, got a text that cannot be one");
            }
        }
        return paths;
    }

    /** What was got is not shown. */
    private @Nullable String passphrase(Section section) {
        JsonNode value = section.value("passphrase");
        if (value != null && !value.isTextual()) {
            findings.problem(section.pathOf("passphrase"), "expected a text, got something else");
        }
        return value == null ? null : value.textValue();
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
                findings.warning(path, "left out, not spoken here: " + String.join(", ", list.unavailable()));
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
