package io.hipache.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.HostCertificate;
import io.hipache.config.HipacheConfig.HostCertificates;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.LruCache;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrlText;
import io.hipache.config.json.JsonText;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/** A resolved configuration as JSON again; what is written is itself a configuration file. */
public final class ConfigJson {
    private static final String MASK = "***";

    private ConfigJson() {}

    /** On one line, with every secret: for a worker's pipe and nobody else. */
    public static String encode(HipacheConfig config) {
        ObjectNode tree = tree(config, DriverUrlText::full, secret -> secret);
        ObjectNode files = tree.putObject("files");
        config.files().texts().forEach((file, text) -> files.put(file.toString(), text));
        return tree.toString();
    }

    /**
     * The inverse of {@link #encode}. No file is looked at again: a worker may not read them.
     *
     * @throws ConfigException when the text is none of ours
     */
    public static HipacheConfig decode(String json) throws ConfigException {
        return new ConfigLoader(Path.of(""), 1, false).parseTrusted(json).config();
    }

    /** On many lines, with {@code ***} for passwords and keys. */
    public static String masked(HipacheConfig config) {
        ObjectNode tree = tree(config, DriverUrlText::masked, secret -> MASK);
        try {
            return JsonText.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode tree(
            HipacheConfig config, Function<DriverUrl, String> urlText, Function<String, String> secretText) {
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        root.set("server", server(config.server()));
        ArrayNode http = root.putObject("http").putArray("bind");
        ObjectNode secure = root.putObject("https");
        ArrayNode https = secure.putArray("bind");
        for (Listener listener : config.listeners()) {
            Tls tls = listener.tls();
            ObjectNode entry = (tls == null ? http : https).addObject();
            entry.put("address", listener.address()).put("port", listener.port());
            if (tls != null) {
                putTls(tls, entry, secretText);
            }
        }
        putCertificates(config.certificates(), secure, secretText);
        ArrayNode driver = root.putArray("driver");
        config.drivers().forEach(url -> driver.add(urlText.apply(url)));
        return root.put("user", config.user()).put("group", config.group());
    }

    private static void putCertificates(
            HostCertificates certificates, ObjectNode https, Function<String, String> secretText) {
        if (!certificates.files().isEmpty()) {
            ArrayNode list = https.putArray("certificates");
            for (HostCertificate certificate : certificates.files()) {
                ObjectNode entry = list.addObject();
                ArrayNode hosts = entry.putArray("hosts");
                certificate.hosts().forEach(hosts::add);
                putCertificate(certificate.tls(), entry, secretText);
            }
        }
        https.put("certificatesFromRedis", certificates.fromRedis());
    }

    private static void putCertificate(Tls tls, ObjectNode entry, Function<String, String> secretText) {
        entry.put("key", secretText.apply(tls.key().toString()))
                .put("cert", tls.cert().toString());
        ArrayNode ca = entry.putArray("ca");
        tls.ca().forEach(file -> ca.add(file.toString()));
        if (tls.passphrase() != null) {
            entry.put("passphrase", secretText.apply(tls.passphrase()));
        }
    }

    private static void putTls(Tls tls, ObjectNode entry, Function<String, String> secretText) {
        putCertificate(tls, entry, secretText);
        if (tls.ciphers() != null) {
            entry.put("ciphers", tls.ciphers());
        }
        entry.put("honorCipherOrder", tls.honorCipherOrder());
    }

    private static ObjectNode server(Server server) {
        ObjectNode node = JsonText.MAPPER.createObjectNode();
        node.put("accessLog", server.accessLog());
        node.put("log", server.log());
        node.put("workers", server.workers());
        node.put("maxSockets", server.maxSockets());
        node.put("deadBackendTTL", seconds(server.deadBackendTtl()));
        node.put("tcpTimeout", seconds(server.tcpTimeout()));
        node.put("tunnelTimeout", seconds(server.tunnelTimeout()));
        node.put("retryOnError", server.retryOnError());
        node.put("deadBackendOn500", server.deadBackendOn500());
        node.put("httpKeepAlive", server.httpKeepAlive());
        node.put("http2", server.http2());
        node.put("memoryLimit", server.memoryLimit());
        node.put("gracefulWait", seconds(server.gracefulWait()));
        node.put("stopTimeout", seconds(server.stopTimeout()));
        node.put("staticDir", server.staticDir().toString());
        LruCache cache = server.lruCache();
        if (cache != null) {
            node.putObject("lruCache").put("size", cache.size()).put("ttl", seconds(cache.ttl()));
        }
        node.put("debug", server.debug());
        node.put("plainIPv4", server.plainIpv4());
        ArrayNode proxies = node.putArray("trustedProxies");
        server.trustedProxies().forEach(proxies::add);
        node.put("deadKey", server.deadByMatchedKey() ? "matched" : "requested");
        node.put("deadAnnounceUrl", server.deadAnnouncedRaw() ? "raw" : "href");
        return node;
    }

    private static BigDecimal seconds(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros();
        // 30 rather than 3E+1
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }
}
