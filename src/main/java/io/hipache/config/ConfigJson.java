package io.hipache.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrlText;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Key;
import io.hipache.config.json.Written;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
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
        return tree.toString();
    }

    /**
     * Reads what {@link #encode} wrote. It opens none of the files, because a worker may not be allowed to.
     *
     * @throws ConfigException when {@link #encode} did not write the text
     */
    public static HipacheConfig decode(String json) throws ConfigException {
        return new ConfigLoader(Path.of(""), 1, false).parseTrusted(json).config();
    }

    /** Writes many lines, with {@code ***} for passwords and passphrases. */
    public static String masked(HipacheConfig config) {
        ObjectNode tree = tree(config, DriverUrlText::masked, secret -> MASK);
        try {
            return JsonText.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode tree(
            HipacheConfig config, Function<DriverUrl, String> urlText, UnaryOperator<String> secrets) {
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        Key.write(ServerKeys.all(), config.server(), secrets, root.putObject("server"));
        ObjectNode http = root.putObject("http");
        ObjectNode https = root.putObject("https");
        ListenerKeys.write(config.listeners(), secrets, http, https);
        Key.write(HostCertificateKeys.all(), config.certificates(), secrets, https);
        root.set("driver", Written.texts(config.drivers().stream().map(urlText).toList()));
        return root.put("user", config.user()).put("group", config.group());
    }
}
