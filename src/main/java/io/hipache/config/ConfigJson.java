package io.hipache.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrlText;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Key;
import io.hipache.config.json.Written;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Writes a resolved configuration as JSON. The result is itself a configuration file. */
public final class ConfigJson {
    private static final String MASK = "***";

    private ConfigJson() {}

    /** Writes one line with every secret but the token of the admin listener, and without what needs that. It is for the pipe of a worker only. */
    public static String encode(HipacheConfig config) {
        ObjectNode tree = tree(config, DriverUrlText::full, secret -> secret);
        if (config.server().admin() != null) {
            ((ObjectNode) tree.at("/server/admin")).remove(List.of("token", "write"));
        }
        ObjectNode files = tree.putObject("files");
        config.files().texts().forEach((file, text) -> files.put(file.toString(), text));
        return JsonText.line(tree);
    }

    /**
     * Reads what {@link #encode} wrote. It opens none of the files, because a worker may not be allowed to.
     *
     * @throws ConfigException when {@link #encode} did not write the text
     */
    public static HipacheConfig decode(String json) throws ConfigException {
        return new ConfigLoader(Path.of(""), 1, false).parseTrusted(json).config();
    }

    /** As {@link #masked(HipacheConfig, Map)}, with the values of the configuration alone. */
    public static String masked(HipacheConfig config) {
        return masked(config, Map.of());
    }

    /**
     * Writes many lines, with {@code ***} for passwords and passphrases, and {@code null} for keys of {@code server} without a value.
     *
     * @param derived keys of {@code server} with the values that a worker makes of a 0
     */
    public static String masked(HipacheConfig config, Map<String, Integer> derived) {
        ObjectNode tree = tree(config, DriverUrlText::masked, secret -> MASK);
        tree.set("server", allKeys((ObjectNode) tree.path("server"), derived));
        return JsonText.pretty(tree);
    }

    private static ObjectNode allKeys(ObjectNode written, Map<String, Integer> derived) {
        ObjectNode all = JsonText.object();
        for (Key<Server> key : ServerKeys.all()) {
            Integer value = derived.get(key.name());
            all.set(key.name(), value == null ? written.get(key.name()) : Written.number(value));
        }
        return all;
    }

    private static ObjectNode tree(
            HipacheConfig config, Function<DriverUrl, String> urlText, UnaryOperator<String> secrets) {
        ObjectNode root = JsonText.object();
        Key.write(ServerKeys.all(), config.server(), secrets, root.putObject("server"));
        ObjectNode http = root.putObject("http");
        ObjectNode https = root.putObject("https");
        ListenerKeys.write(config.listeners(), secrets, http, https);
        Key.write(HostCertificateKeys.all(), config.certificates(), secrets, https);
        root.set("driver", Written.texts(config.drivers().stream().map(urlText).toList()));
        return root.put("user", config.user()).put("group", config.group());
    }
}
