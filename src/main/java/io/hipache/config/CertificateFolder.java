package io.hipache.config;

import io.hipache.certificates.ServerName;
import io.hipache.config.HipacheConfig.HostCertificate;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.messages.FileFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the certificates in a folder, in the forms of planb ({@code <name>.crt} and {@code <name>.key}) and HAProxy
 * (both in {@code <name>.pem}). A file serves the host that it is named after and the hosts that its certificate
 * names. When two files could serve one host, the file named after the host does, else the first file by name.
 */
final class CertificateFolder {
    private static final String KEY = ".key";

    private final String path;
    private final Path folder;
    private final Findings findings;
    private final KeyFileReader files;

    /** @param path the configuration key that names the folder */
    CertificateFolder(String path, Path folder, Findings findings, KeyFileReader files) {
        this.path = path;
        this.folder = folder;
        this.findings = findings;
        this.files = files;
    }

    /** One certificate of the folder. */
    private record Found(Tls tls, X509Certificate leaf, @Nullable String namedAfter) {}

    /** @param claimed the hosts that have a certificate already; this method adds those of the folder */
    void addTo(List<HostCertificate> certificates, Map<String, String> claimed) {
        Map<Tls, List<String>> hosts = new LinkedHashMap<>();
        List<Found> found = found();
        for (Found one : found) {
            hosts.put(one.tls(), new ArrayList<>());
            claim(one, one.namedAfter() == null ? List.of() : List.of(one.namedAfter()), hosts, claimed);
        }
        for (Found one : found) {
            List<String> own = HostCertificateKeys.hosts(one.leaf());
            claim(one, own, hosts, claimed);
            if (own.isEmpty() && one.namedAfter() == null) {
                findings.warning(
                        path, one.tls().cert() + " is not used: neither its name nor its certificate names a host");
            }
        }
        hosts.forEach((tls, names) -> {
            if (!names.isEmpty()) {
                certificates.add(new HostCertificate(names, tls));
            }
        });
    }

    private void claim(Found one, List<String> names, Map<Tls, List<String>> hosts, Map<String, String> claimed) {
        for (String host : names) {
            if (claimed.putIfAbsent(host, path) == null) {
                hosts.getOrDefault(one.tls(), new ArrayList<>()).add(host);
            }
        }
    }

    private List<Found> found() {
        List<Found> found = new ArrayList<>();
        for (Path file : filesByName()) {
            String name = file.getFileName().toString();
            String stem = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            if (name.startsWith(".") || Files.isDirectory(file)) {
                continue;
            }
            if (name.endsWith(".pem")) {
                add(new Tls(file, file), stem, found);
            } else if (name.endsWith(".crt")) {
                add(new Tls(file.resolveSibling(stem + KEY), file), stem, found);
            } else if (name.endsWith(KEY) && !Files.exists(file.resolveSibling(stem + ".crt"))) {
                findings.warning(path, file + " is not used: there is no " + stem + ".crt beside it");
            }
        }
        return found;
    }

    private void add(Tls tls, String stem, List<Found> found) {
        X509Certificate leaf = files.read(tls, path, path, path);
        if (leaf != null) {
            found.add(new Found(tls, leaf, namedAfter(stem)));
        }
    }

    /**
     * An asterisk in a file name is a burden in shells and on some file systems, so {@code _wildcard} stands for it.
     */
    private static @Nullable String namedAfter(String stem) {
        String name = stem.startsWith("_wildcard.") ? "*" + stem.substring(stem.indexOf('.')) : stem;
        return name.contains(".") ? ServerName.pattern(name) : null;
    }

    private List<Path> filesByName() {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.sorted().toList();
        } catch (IOException e) {
            String reason = Files.exists(folder) && !Files.isDirectory(folder) ? "is no directory" : FileFault.words(e);
            findings.problem(path, "cannot read " + folder + ": " + reason);
            return List.of();
        }
    }
}
