package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.LruCache;
import io.hipache.config.json.Findings;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Section;
import io.hipache.config.json.Written;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads those keys of the section {@code server} about what is kept of look-ups that take more than a number or a word. */
final class CacheKeys {
    private final Section server;
    private final FileChecks files;
    private final Findings findings;

    CacheKeys(Section server, FileChecks files) {
        this.server = server;
        this.files = files;
        this.findings = server.findings();
    }

    int defaultMemory() {
        return Math.max(1, memoryLimit() / 8);
    }

    private int memoryLimit() {
        return server.wholeNumber("memoryLimit", 1, Integer.MAX_VALUE, 256);
    }

    int withWarning(int cacheMemory) {
        if (server.has("cacheMemory") && cacheMemory > memoryLimit() / 3) {
            findings.warning(
                    server.pathOf("cacheMemory"),
                    "more than a third of server.memoryLimit; workers will be replaced often");
        }
        return cacheMemory;
    }

    @Nullable
    Path snapshot() {
        Path file = server.path("snapshot");
        if (file != null) {
            files.checkNoDirectory(server.pathOf("snapshot"), file);
            JsonNode stale = server.value("staleIfDown");
            if (stale == null ? !isTracking() : stale.isNumber() && stale.doubleValue() == 0) {
                findings.warning(
                        server.pathOf("snapshot"), "of no use with a staleIfDown of 0: nothing is answered from it");
            }
        }
        return file;
    }

    static @Nullable JsonNode written(@Nullable Path file) {
        return file == null ? null : Written.text(file.toString());
    }

    boolean isTracking() {
        return "tracking".equals(server.text("cache"));
    }

    @Nullable
    LruCache lruCache() {
        JsonNode value = server.value("lruCache");
        if (value == null || value.equals(BooleanNode.FALSE)) {
            return null;
        }
        if (isTracking()) {
            findings.warning(
                    server.pathOf("lruCache"), "is not used, because server.cache is tracking; remove one of them");
        }
        Section cache = server.section("lruCache");
        int size = cache.wholeNumber("size", 1, 10_000_000, 10_000);
        if (value.isObject() && !cache.has("ttl")) {
            findings.problem(cache.pathOf("ttl"), "missing, say for how many seconds a look-up is kept");
        }
        return new LruCache(size, cache.seconds("ttl", "0.001", Duration.ofSeconds(1)));
    }

    static @Nullable JsonNode written(@Nullable LruCache cache) {
        if (cache == null) {
            return null;
        }
        ObjectNode object = JsonText.object();
        object.set("size", Written.number(cache.size()));
        object.set("ttl", Written.seconds(cache.ttl()));
        return object;
    }
}
