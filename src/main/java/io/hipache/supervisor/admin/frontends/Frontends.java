package io.hipache.supervisor.admin.frontends;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Explanation;
import io.hipache.frontends.FrontendScan;
import io.hipache.frontends.FrontendScan.Summary;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frontends in the store, for the admin listener: searches their names, explains one host, changes one frontend. Nothing is
 * connected and nothing is kept while nobody asks. Any thread may call it.
 */
public final class Frontends implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Frontends.class);

    /** The most frontends of one answer. */
    public static final int MOST = 200;

    /** The longest text to search for, in characters. */
    public static final int LONGEST = NameIndex.LONGEST;

    /** To connect takes up to 8 s, a command up to 5 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int CONFLICT = 409;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final HipacheConfig config;
    private final Workers workers;
    private final Names names = new Names();
    private final StoreThread store;

    /** What the workers of this machine know. Any thread may call it. */
    public interface Workers {
        /** The hosts that they know whose name contains a text: those first that fail, then slow and busy ones. */
        List<String> hosts(String text);

        /** What is known of a host or frontend of this very name, null when nothing is. */
        @Nullable
        JsonNode host(String name);

        /**
         * A frontend was changed.
         *
         * @param kind of the event
         * @param backends what was added, removed or revived
         * @param who asked for it
         */
        void changed(String kind, String host, String backends, String who);
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     */
    public record Answer(int status, JsonNode body) {
        static Answer error(int status, String message) {
            return new Answer(status, JSON.objectNode().put("error", message));
        }
    }

    public Frontends(HipacheConfig config, Workers workers) {
        this(config, workers, StoreThread.IDLE);
    }

    /** @param idle how long the connection stays when nobody asks */
    Frontends(HipacheConfig config, Workers workers, Duration idle) {
        this.config = config;
        this.workers = workers;
        this.store = new StoreThread(StoreEndpoints.of(config), names, idle);
    }

    /**
     * Finds the frontends whose names contain a text, those first that the workers of this machine know.
     *
     * @param text at most {@link #LONGEST} characters
     * @param limit of the frontends in the answer, at most {@link #MOST}
     */
    public CompletableFuture<Answer> search(String text, int limit) {
        return answer(asked -> new Answer(OK, search(asked, text, limit)));
    }

    private ObjectNode search(StoreConnection asked, String text, int limit) throws StoreException {
        Names.View view = names.view(asked);
        List<String> known = workers.hosts(text);
        List<String> found = new ArrayList<>(known.subList(0, Math.min(limit, known.size())));
        NameIndex.Found others = view.index().search(text, limit - found.size(), new HashSet<>(found));
        found.addAll(others.names());
        ObjectNode page = JSON.objectNode().put("search", text);
        page.put("matches", others.total());
        page.put("names", view.index().size());
        page.put("complete", view.complete()).put("truncated", view.index().isTruncated());
        ArrayNode frontends = page.putArray("frontends");
        for (Summary summary : FrontendScan.summaries(asked, found)) {
            ObjectNode frontend = frontends.addObject().put("name", summary.name());
            if (summary.isList()) {
                frontend.put("identifier", summary.identifier());
                frontend.put("backends", summary.backends()).put("marks", summary.marks());
            } else {
                frontend.put("problem", "not_a_list");
            }
        }
        return page;
    }

    /** Explains a host, as {@code hipache explain} does, with what the workers know of each backend. */
    public CompletableFuture<Answer> host(String name) {
        return answer(asked -> new Answer(OK, HostPage.of(Explanation.read(asked, config, name), workers::host)));
    }

    /**
     * Changes a frontend, or ends marks of a host.
     *
     * @param body JSON
     * @param who asks for it, for the event and the message
     */
    public CompletableFuture<Answer> change(String name, byte[] body, String who) {
        Order order;
        try {
            order = Order.read(body);
        } catch (InvalidInputException e) {
            return CompletableFuture.completedFuture(Answer.error(BAD_REQUEST, e.forRequest()));
        }
        return answer(asked -> {
            Order.Done done = order.carryOut(asked, config, name);
            if (done.changed()) {
                names.outdate();
                String backends = order.shownBackends();
                log.info(
                        "{} by the admin listener, asked by {}: {} {}",
                        order.action().words(),
                        who,
                        done.host(),
                        backends);
                workers.changed(order.action().event(), done.host(), backends, who);
            }
            return new Answer(OK, done.json());
        });
    }

    private CompletableFuture<Answer> answer(StoreThread.Question<Answer> question) {
        return store.ask(question, PATIENCE).exceptionally(Frontends::failure);
    }

    private static Answer failure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof InvalidInputException invalid) {
            return Answer.error(BAD_REQUEST, invalid.forRequest());
        }
        if (cause instanceof StoreException store) {
            return Answer.error(
                    store.kind() == StoreException.Kind.WRONG_TYPE ? CONFLICT : UNAVAILABLE,
                    String.valueOf(store.getMessage()));
        }
        if (cause instanceof TimeoutException) {
            return Answer.error(
                    UNAVAILABLE,
                    "the store gave no answer within " + PATIENCE.toSeconds() + " s; a change may have been made");
        }
        if (cause instanceof RejectedExecutionException || cause instanceof InterruptedException) {
            return Answer.error(UNAVAILABLE, "too many questions wait for the store, or this listener ends");
        }
        log.error("a page of the admin listener failed", cause);
        return Answer.error(FAILED, "this page failed, see the log");
    }

    /** Whether there is a connection, for tests. */
    boolean isConnected() {
        return store.isRunning();
    }

    @Override
    public void close() {
        store.close();
    }
}
