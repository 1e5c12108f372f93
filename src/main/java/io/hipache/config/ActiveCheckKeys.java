package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.ActiveCheck;
import io.hipache.config.HipacheConfig.Server;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Keys;
import io.hipache.config.json.Section;
import io.hipache.config.json.Written;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the key {@code server.activeCheck}: true, false, or an object with what differs from the defaults. */
final class ActiveCheckKeys {
    static final String DOCUMENTATION =
            "`true` checks backends that were announced as dead, in one process of the fleet, "
                    + "see [Active checks](reliability.md#active-checks). Or `{\"interval\": 3, \"timeout\": 3, \"rise\": 1, \"fall\": 1, "
                    + "\"path\": \"/CloudHealthCheck\"}`, in which each key is optional";

    private static final Pattern PATH = Pattern.compile("/[!-~]{0,2047}");

    private final Section server;

    ActiveCheckKeys(Section server) {
        this.server = server;
    }

    @Nullable
    ActiveCheck read(Keys<Server> keys) {
        return keys.key("activeCheck", DOCUMENTATION)
                .byDefault("false")
                .optional(read(), (server, secrets) -> written(server.activeCheck()));
    }

    private @Nullable ActiveCheck read() {
        JsonNode value = server.value("activeCheck");
        if (value == null || value.equals(BooleanNode.FALSE)) {
            return null;
        }
        String where = server.pathOf("activeCheck");
        if (!value.isObject() && !value.isBoolean()) {
            server.findings().expected(where, "true, false or an object", value);
            return null;
        }
        Section keys = server.child(where, value instanceof ObjectNode object ? object : JsonText.object());
        String path = keys.text("path");
        if (path != null && !PATH.matcher(path).matches()) {
            server.findings().problem(keys.pathOf("path"), "expected a path that begins with / and has no space");
        }
        return new ActiveCheck(
                keys.seconds("interval", "0.05", ActiveCheck.USUAL.interval()),
                keys.seconds("timeout", "0.05", ActiveCheck.USUAL.timeout()),
                keys.wholeNumber("rise", 1, 1_000, ActiveCheck.USUAL.rise()),
                keys.wholeNumber("fall", 1, 1_000, ActiveCheck.USUAL.fall()),
                path == null ? ActiveCheck.USUAL.path() : path);
    }

    private static @Nullable JsonNode written(@Nullable ActiveCheck check) {
        if (check == null) {
            return null;
        }
        ObjectNode object = JsonText.object();
        object.set("interval", Written.seconds(check.interval()));
        object.set("timeout", Written.seconds(check.timeout()));
        object.set("rise", Written.number(check.rise()));
        object.set("fall", Written.number(check.fall()));
        object.set("path", Written.text(check.path()));
        return object;
    }
}
