package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.address.BadUrl;
import io.hipache.config.address.DriverAddress;
import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrls;
import io.hipache.config.json.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code driver}: one URL, or a list of one or two. Hipache reads from the first and writes to the last. */
final class DriverKeys {
    private final Section root;
    private final LegacyKeys legacy;
    private final FileChecks files;

    DriverKeys(Section root, FileChecks files) {
        this.root = root;
        this.files = files;
        this.legacy = new LegacyKeys(root);
    }

    List<DriverUrl> read() {
        JsonNode value = root.secret("driver");
        List<DriverUrl> old = legacy.drivers(value != null);
        if (value == null) {
            return old.isEmpty() ? List.of(new DriverUrl("127.0.0.1", DriverUrls.REDIS_PORT, null, 0, "")) : old;
        }
        List<DriverUrl> urls = new ArrayList<>();
        if (!value.isArray()) {
            addUrl("driver", value, urls);
            return urls;
        }
        if (value.isEmpty() || value.size() > 2) {
            root.findings().problem("driver", "expected one or two URLs, got " + value.size());
        }
        for (int i = 0; i < value.size(); i++) {
            addUrl("driver[" + i + "]", value.get(i), urls);
        }
        return urls;
    }

    private void addUrl(String path, JsonNode value, List<DriverUrl> urls) {
        if (!value.isTextual()) {
            root.findings().problem(path, "expected a driver URL, got a value that is not a text");
            return;
        }
        try {
            DriverUrl url = DriverUrls.parse(value.textValue());
            urls.add(url);
            if (url.password() == null && url.prefix().indexOf('@') >= 0) {
                root.findings()
                        .warning(
                                path,
                                "the prefix behind the # has an @ in it; where it is the rest of a password, write its # as %23");
            }
            checkAuthorities(path, url);
        } catch (BadUrl e) {
            root.findings().problem(path, String.valueOf(e.getMessage()));
        }
    }

    private void checkAuthorities(String path, DriverUrl url) {
        DriverAddress.Tls tls = url.address() instanceof DriverAddress.Server server ? server.tls() : null;
        Path ca = tls == null ? null : tls.ca();
        if (ca != null) {
            files.keys().authorities(path, ca);
        }
    }
}
