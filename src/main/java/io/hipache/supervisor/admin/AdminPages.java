package io.hipache.supervisor.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.hipache.figures.Expiry;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the admin listener answers. Any thread may call it. */
final class AdminPages {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String HOSTS = "/hosts/";
    private static final String SUFFIX = ".json";

    private static final ExpositionFormatWriter OPEN_METRICS = OpenMetricsTextFormatWriter.create();
    private static final ExpositionFormatWriter PROMETHEUS = PrometheusTextFormatWriter.create();

    private final Totals totals;
    private final SeenHosts hosts;
    private final Supplier<List<Expiry>> certificates;
    private final String version;

    /** One page. */
    record Page(HttpResponseStatus status, String type, ByteBuffer body) {
        static Page text(HttpResponseStatus status, String text) {
            return new Page(status, TEXT, utf8(text));
        }

        static Page json(HttpResponseStatus status, JsonNode json) {
            return new Page(status, JSON, utf8(json));
        }

        /** What went wrong, in the form of the page that was asked for. */
        static Page error(String path, HttpResponseStatus status, String message) {
            return path.endsWith(SUFFIX)
                    ? json(status, JsonNodeFactory.instance.objectNode().put("error", message))
                    : text(status, message);
        }

        private static ByteBuffer utf8(Object text) {
            return ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** @param certificates the ends of certificates in files */
    AdminPages(Totals totals, Supplier<List<Expiry>> certificates, String version) {
        this.totals = totals;
        this.hosts = new SeenHosts(totals);
        this.certificates = certificates;
        this.version = version;
    }

    /** Whether anybody may see the page. */
    static boolean isOpen(String path) {
        return path.equals("/healthz") || path.equals("/readyz") || Dashboard.has(path);
    }

    /**
     * The page of a path.
     *
     * @param target of the request
     * @param accept the field of that name
     */
    Page get(String target, @Nullable String accept, Facts facts) {
        String path = path(target);
        return switch (path) {
            case "/healthz" -> Page.text(HttpResponseStatus.OK, "ok");
            case "/readyz" -> ready(facts);
            case "/metrics" -> metrics(accept, facts);
            case "/status.json" ->
                Page.json(
                        HttpResponseStatus.OK,
                        totals.show(view -> StatusJson.status(view, facts, certificates.get(), version)));
            case "/backends.json" -> Page.json(HttpResponseStatus.OK, totals.show(BackendJson::underWay));
            case "/events.json" -> Page.json(HttpResponseStatus.OK, totals.show(StatusJson::events));
            default -> path.startsWith(HOSTS) && path.endsWith(SUFFIX) ? host(path) : file(path);
        };
    }

    private static Page file(String path) {
        Page file = Dashboard.page(path);
        return file == null ? missing(path) : file;
    }

    static String path(String target) {
        try {
            return new QueryStringDecoder(target).path();
        } catch (IllegalArgumentException e) {
            // a percent sign without two digits
            return "";
        }
    }

    private static Page missing(String path) {
        return Page.error(path, HttpResponseStatus.NOT_FOUND, "there is no such page");
    }

    private static Page ready(Facts facts) {
        return facts.obstacle().isEmpty()
                ? Page.text(HttpResponseStatus.OK, "ready")
                : Page.text(HttpResponseStatus.SERVICE_UNAVAILABLE, facts.obstacle());
    }

    private Page metrics(@Nullable String accept, Facts facts) {
        ExpositionFormatWriter writer = OPEN_METRICS.accepts(accept) ? OPEN_METRICS : PROMETHEUS;
        MetricSnapshots metrics = totals.show(view -> Metrics.of(view, facts, certificates.get(), version));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, metrics);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(HttpResponseStatus.OK, writer.getContentType(), ByteBuffer.wrap(out.toByteArray()));
    }

    private Page host(String path) {
        String host = path.substring(HOSTS.length(), path.length() - SUFFIX.length());
        JsonNode known = hosts.hostOrWildcard(host);
        if (known != null) {
            return Page.json(HttpResponseStatus.OK, known);
        }
        JsonNode unknown = JsonNodeFactory.instance
                .objectNode()
                .put("host", host)
                .put("error", "the workers of this machine have counted no request for this host of its own");
        return Page.json(HttpResponseStatus.NOT_FOUND, unknown);
    }
}
