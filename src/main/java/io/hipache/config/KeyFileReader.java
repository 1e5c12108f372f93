package io.hipache.config;

import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.json.Findings;
import io.hipache.messages.FileFault;
import io.hipache.tls.BadPem;
import io.hipache.tls.Certificates;
import io.hipache.tls.Credential;
import io.hipache.tls.OcspStaple;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the files of keys and certificates, reports their problems, and keeps their contents for the workers. */
final class KeyFileReader {
    /** The largest file that is read; certificate chains are far smaller. */
    private static final int MOST_BYTES = 1 << 20;

    private final Findings findings;
    private final boolean enabled;
    private final Map<Path, String> texts = new HashMap<>();

    /** @param enabled whether the files are read at all */
    KeyFileReader(Findings findings, boolean enabled) {
        this.findings = findings;
        this.enabled = enabled;
    }

    /** The number of characters that were read until now. */
    long length() {
        return texts.values().stream().mapToLong(String::length).sum();
    }

    /** The contents that were read until now. */
    KeyFiles files() {
        return new KeyFiles(texts);
    }

    /**
     * Reads a key with its certificates. Returns the certificate of the key, null when there is a problem.
     *
     * @param keyAt where the configuration names the key
     * @param certAt where it names the certificate
     * @param caAt where it names further certificates
     */
    @Nullable
    X509Certificate read(Tls tls, String keyAt, String certAt, String caAt) {
        if (!enabled) {
            return null;
        }
        PrivateKey key = key(keyAt, tls.key(), tls.passphrase());
        List<X509Certificate> chain = certificates(certAt, tls.cert());
        List<X509Certificate> authorities = new ArrayList<>();
        for (Path ca : tls.ca()) {
            List<X509Certificate> read = certificates(caAt, ca);
            authorities.addAll(read == null ? List.of() : read);
        }
        if (key == null || chain == null) {
            return null;
        }
        try {
            Credential credential = Credential.of(key, chain);
            String excess = credential.excess();
            if (excess != null) {
                findings.warning(
                        keyAt,
                        tls.key() + " " + excess + ": other requests of the worker wait during each handshake; use"
                                + " RSA 2048 or P-256");
            }
            readStaple(certAt, tls.cert(), credential);
            checkValidity(
                    certAt, tls.cert(), credential.continuedBy(authorities).chain());
            return chain.get(0);
        } catch (BadPem e) {
            findings.problem(keyAt, tls.key() + " " + e.predicate() + " in " + tls.cert());
            return null;
        }
    }

    /** Whether clients accept the certificate is their business, so that they do not is only a warning. */
    private void checkValidity(String at, Path cert, List<X509Certificate> chain) {
        String problem = KeyFiles.dateProblem(cert, chain, Instant.now());
        if (problem != null) {
            findings.warning(at, problem);
        }
    }

    /** Reads the certificates of authorities. */
    void authorities(String at, Path file) {
        if (enabled) {
            certificates(at, file);
        }
    }

    private @Nullable PrivateKey key(String at, Path file, @Nullable String passphrase) {
        String text = text(at, file);
        try {
            PrivateKey key = text == null ? null : Credential.readKey(text, passphrase);
            if (key != null) {
                keep(file, Credential.writeKey(key));
            }
            return key;
        } catch (BadPem e) {
            findings.problem(at, file + " " + e.predicate());
            return null;
        }
    }

    private @Nullable List<X509Certificate> certificates(String at, Path file) {
        String text = text(at, file);
        try {
            List<X509Certificate> certificates = text == null ? null : Certificates.read(text);
            if (certificates != null) {
                keep(file, Certificates.write(certificates));
            }
            return certificates;
        } catch (BadPem e) {
            findings.problem(at, file + " " + e.predicate());
            return null;
        }
    }

    /** Clients can do without a staple, so a problem with it is only a warning. */
    private void readStaple(String at, Path cert, Credential credential) {
        Path file = KeyFiles.stapleOf(cert);
        if (!Files.exists(file)) {
            return;
        }
        try {
            byte[] response = bytes(file);
            OcspStaple.of(response, credential.chain().get(0), Instant.now());
            texts.put(file, new String(response, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            findings.warning(at, "no OCSP stapling: cannot read " + file + ": " + FileFault.words(e));
        } catch (BadPem e) {
            findings.warning(at, "no OCSP stapling: " + file + " " + e.predicate());
        }
    }

    /** Keeps the contents of a file. Key and certificate may be in the same file. */
    private void keep(Path file, String pem) {
        texts.merge(file, pem, (old, more) -> old.contains(more) ? old : old + more);
    }

    private @Nullable String text(String at, Path file) {
        try {
            return new String(bytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            findings.problem(at, "cannot read " + file + ": " + FileFault.words(e));
            return null;
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        FileChecks.refuseNamedPipe(file);
        return FileChecks.bytes(file, MOST_BYTES);
    }
}
