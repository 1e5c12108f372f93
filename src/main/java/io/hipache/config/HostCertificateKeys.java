package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.certificates.ServerName;
import io.hipache.config.HipacheConfig.HostCertificate;
import io.hipache.config.HipacheConfig.HostCertificates;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Key;
import io.hipache.config.json.Keys;
import io.hipache.config.json.Section;
import io.hipache.config.json.Written;
import io.hipache.tls.CertificateHosts;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the keys of {@code https} about certificates by host name. The files of a folder become entries of
 * the list, so that no other class has to know about the folder.
 */
final class HostCertificateKeys {
    private static final String LIST = "certificates";
    private static final String FOLDER = "certificatesDir";
    private static final String FROM_REDIS = "certificatesFromRedis";

    /** As many characters as fit into one message to a worker. */
    private static final long MOST_CHARACTERS = 12 << 20;

    private final Section https;
    private final Findings findings;
    private final KeyFileReader files;
    /** For each host that has a certificate, the path of the key that gave it. */
    private final Map<String, String> claimed = new HashMap<>();

    HostCertificateKeys(Section https, KeyFileReader files) {
        this.https = https;
        this.findings = https.findings();
        this.files = files;
    }

    /**
     * Reads all of these keys.
     *
     * @param listening whether there is an address of https
     */
    HostCertificates read(boolean listening) {
        boolean fromRedis = declare(new Keys<>(https));
        List<HostCertificate> certificates = new ArrayList<>();
        for (String key : List.of(LIST, FOLDER)) {
            // an address with a problem does not count, so nobody knows yet whether one listens
            if (https.has(key) && !listening && findings.problems().isEmpty()) {
                findings.warning(https.pathOf(key), "has no effect: no address listens for https");
            }
        }
        if (listening) {
            addList(certificates);
            Path folder = https.path(FOLDER);
            if (folder != null) {
                new CertificateFolder(https.pathOf(FOLDER), folder, findings, files).addTo(certificates, claimed);
            }
        }
        if (files.length() > MOST_CHARACTERS) {
            findings.problem(
                    https.pathOf(https.has(FOLDER) ? FOLDER : LIST),
                    "the keys and certificates have more than 12 MB in all, and every worker would hold them: keep the"
                            + " certificates of so many hosts in Redis");
        }
        return new HostCertificates(certificates, fromRedis);
    }

    /** The keys of the section, in the order in which they are written. */
    static List<Key<HostCertificates>> all() {
        Keys<HostCertificates> keys = new Keys<>(Section.empty());
        declare(keys);
        return keys.declared();
    }

    private static boolean declare(Keys<HostCertificates> keys) {
        keys.key(
                        LIST,
                        "certificates by host name, for all addresses: a list of `{\"hosts\", \"key\", "
                                + "\"cert\"}`, with `passphrase` and `ca` as above. An entry without `hosts` is for "
                                + "the hosts that its certificate names")
                .declare((certificates, secrets) -> written(certificates.files(), secrets));
        // the list contains the certificates of the folder
        keys.key(FOLDER, "a folder with more certificates by host name").declare((certificates, secrets) -> null);
        return keys.key(FROM_REDIS, "whether Hipache asks Redis for certificates")
                .flag(HostCertificates::fromRedis, true);
    }

    private static @Nullable JsonNode written(List<HostCertificate> certificates, UnaryOperator<String> secrets) {
        if (certificates.isEmpty()) {
            return null;
        }
        ArrayNode list = JsonText.array();
        for (HostCertificate certificate : certificates) {
            ObjectNode entry = list.addObject();
            entry.set("hosts", Written.texts(certificate.hosts()));
            Key.write(TlsKeys.ofCertificate(), certificate.tls(), secrets, entry);
        }
        return list;
    }

    private void addList(List<HostCertificate> certificates) {
        JsonNode value = https.value(LIST);
        if (value != null && !value.isArray()) {
            findings.problem(https.pathOf(LIST), "expected a list of {\"hosts\", \"key\", \"cert\"}");
            return;
        }
        for (int i = 0; value != null && i < value.size(); i++) {
            String path = https.pathOf(LIST) + "[" + i + "]";
            if (value.get(i) instanceof ObjectNode object) {
                add(https.child(path, object), path, certificates);
            } else {
                findings.problem(path, "expected an object with \"hosts\", \"key\" and \"cert\"");
            }
        }
    }

    private void add(Section entry, String path, List<HostCertificate> certificates) {
        Tls tls = new TlsKeys(entry, files).certificate();
        X509Certificate leaf =
                tls == null ? null : files.read(tls, entry.pathOf("key"), entry.pathOf("cert"), entry.pathOf("ca"));
        List<String> hosts = hosts(entry, leaf);
        if (tls == null) {
            return;
        }
        List<String> unclaimed = new ArrayList<>();
        for (String host : hosts) {
            String before = claimed.putIfAbsent(host, path);
            if (before == null) {
                unclaimed.add(host);
            } else if (!before.equals(path)) {
                findings.warning(path, "not used for " + host + ", which has the certificate of " + before);
            }
        }
        if (!unclaimed.isEmpty()) {
            certificates.add(new HostCertificate(unclaimed, tls));
        }
    }

    /** The hosts that the entry names, else the hosts that its certificate names. */
    private List<String> hosts(Section entry, @Nullable X509Certificate leaf) {
        JsonNode value = entry.value("hosts");
        List<String> hosts = new ArrayList<>();
        if (value == null) {
            if (leaf != null) {
                hosts.addAll(hosts(leaf));
                if (hosts.isEmpty()) {
                    findings.problem(entry.pathOf("hosts"), "missing, and the certificate names no host");
                }
            }
            return hosts;
        }
        for (JsonNode element : value.isArray() ? value : List.of(value)) {
            String host =
                    element.isTextual() ? ServerName.pattern(element.textValue().strip()) : null;
            if (host == null) {
                findings.expected(entry.pathOf("hosts"), "host names or wildcards such as *.example.com", element);
            } else {
                hosts.add(host);
            }
        }
        if (value.isEmpty() && value.isArray()) {
            findings.problem(entry.pathOf("hosts"), "names no host");
        }
        return hosts;
    }

    /**
     * The host names in a certificate. Other names in it, such as IP addresses, are left out: no client asks for them
     * by name.
     */
    static List<String> hosts(X509Certificate leaf) {
        List<String> hosts = new ArrayList<>();
        for (String written : CertificateHosts.of(leaf)) {
            String host = ServerName.pattern(written);
            if (host != null) {
                hosts.add(host);
            }
        }
        return hosts;
    }
}
