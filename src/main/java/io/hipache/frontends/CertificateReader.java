package io.hipache.frontends;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.HostCertificate;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import io.hipache.tls.BadPem;
import io.hipache.tls.CertificateHosts;
import io.hipache.tls.Credential;
import io.hipache.tls.Validity;
import io.lettuce.core.KeyValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads certificates from the files of the configuration and from the store, as workers read them. */
public final class CertificateReader {

    private static final int STEP = 500;

    private final StoreConnection store;
    private final HipacheConfig config;

    public CertificateReader(StoreConnection store, HipacheConfig config) {
        this.store = store;
        this.config = config;
    }

    /**
     * Those that are there for a host, in the order in which workers look for one. A client is shown the first one that is
     * usable.
     */
    public List<Certificate> shown(String host) throws StoreException {
        List<Certificate> found = new ArrayList<>();
        if (!config.speaksTls()) {
            return found;
        }
        int dot = host.indexOf('.');
        addNamed(found, host);
        if (dot > 0) {
            addNamed(found, "*" + host.substring(dot));
        }
        config.listeners().stream()
                .map(Listener::tls)
                .filter(tls -> tls != null)
                .limit(1)
                .forEach(tls -> found.add(ofFile(config, tls)));
        return found;
    }

    private void addNamed(List<Certificate> found, String name) throws StoreException {
        for (HostCertificate certificate : config.certificates().files()) {
            if (certificate.hosts().contains(name)) {
                found.add(ofFile(config, certificate.tls()));
            }
        }
        if (config.certificates().fromRedis()) {
            Certificate stored = stored(store.keys().tls(name));
            if (stored != null) {
                found.add(stored);
            }
        }
    }

    /** All certificates in files of a configuration. */
    public static List<Certificate> ofFiles(HipacheConfig config) {
        Set<Tls> files = new LinkedHashSet<>();
        config.listeners().stream()
                .map(Listener::tls)
                .filter(tls -> tls != null)
                .forEach(files::add);
        config.certificates().files().forEach(certificate -> files.add(certificate.tls()));
        return files.stream().map(tls -> ofFile(config, tls)).toList();
    }

    /** All certificates of the store. */
    public List<Certificate> ofStore() throws StoreException {
        List<Certificate> found = new ArrayList<>();
        NameScan names = new NameScan(store, store.keys().tls(""), "*", STEP);
        Set<String> seen = new LinkedHashSet<>();
        while (!names.isFinished()) {
            seen.addAll(names.next());
        }
        for (String name : seen) {
            Certificate stored = stored(store.keys().tls(name));
            if (stored != null) {
                found.add(stored);
            }
        }
        return found;
    }

    private static Certificate ofFile(HipacheConfig config, Tls tls) {
        try {
            return usable(tls.cert().toString(), config.files().credential(tls));
        } catch (IllegalArgumentException e) {
            return unusable(tls.cert().toString(), String.valueOf(e.getMessage()));
        }
    }

    /** Null when there is none. */
    private @Nullable Certificate stored(String key) throws StoreException {
        List<KeyValue<String, String>> fields;
        try {
            fields = store.read(commands -> commands.hmget(key, "certificate", "key"));
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE) {
                return unusable(key, "is not a hash");
            }
            throw e;
        }
        String certificate = fields.get(0).getValueOrElse("");
        String privateKey = fields.get(1).getValueOrElse("");
        if (certificate.isEmpty() && privateKey.isEmpty()) {
            return null;
        }
        if (certificate.isEmpty() || privateKey.isEmpty()) {
            return unusable(key, "has no field " + (certificate.isEmpty() ? "certificate" : "key"));
        }
        try {
            return usable(key, Credential.ofTenant(privateKey, certificate));
        } catch (BadPem e) {
            return unusable(key, e.predicate());
        }
    }

    private static Certificate usable(String source, Credential credential) {
        Validity validity = Validity.of(credential.chain());
        return new Certificate(
                source, CertificateHosts.of(credential.chain().get(0)), validity.from(), validity.until(), null);
    }

    private static Certificate unusable(String source, String fault) {
        return new Certificate(source, List.of(), null, null, "it " + fault);
    }
}
