package io.hipache.supervisor.admin;

import io.hipache.supervisor.admin.AdminPages.Page;
import io.hipache.supervisor.admin.frontends.Frontends;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The pages that need the store: {@code /frontends.json} and {@code /frontends/<name>.json}. Any thread may call it. */
final class FrontendPages {
    private static final String ALL = "/frontends.json";
    private static final String ONE = "/frontends/";
    private static final String SUFFIX = ".json";
    private static final String SEARCH = "search";
    private static final String LIMIT = "limit";
    private static final int USUAL_LIMIT = 50;

    private final Frontends frontends;

    FrontendPages(Frontends frontends) {
        this.frontends = frontends;
    }

    static boolean has(String path) {
        return path.equals(ALL) || isOne(path);
    }

    /** Whether it is the page of one frontend, which can be changed there. */
    static boolean isOne(String path) {
        return path.startsWith(ONE) && path.endsWith(SUFFIX) && path.length() > ONE.length() + SUFFIX.length();
    }

    private static String name(String path) {
        return path.substring(ONE.length(), path.length() - SUFFIX.length());
    }

    CompletableFuture<Page> get(String target) {
        String path = AdminPages.path(target);
        return isOne(path) ? page(frontends.host(name(path))) : search(target);
    }

    private CompletableFuture<Page> search(String target) {
        Map<String, List<String>> parameters;
        try {
            parameters = new QueryStringDecoder(target).parameters();
        } catch (IllegalArgumentException e) {
            return bad("a percent sign in the query has no two digits behind it");
        }
        if (!Set.of(SEARCH, LIMIT).containsAll(parameters.keySet())
                || parameters.values().stream().anyMatch(values -> values.size() > 1)) {
            return bad("the query has search and limit, each once, and nothing else");
        }
        String text = parameters.getOrDefault(SEARCH, List.of("")).get(0).strip();
        String limit = parameters.getOrDefault(LIMIT, List.of("" + USUAL_LIMIT)).get(0);
        if (text.length() > Frontends.LONGEST) {
            return bad("search has at most " + Frontends.LONGEST + " characters");
        }
        if (!limit.matches("[0-9]{1,3}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > Frontends.MOST) {
            return bad("limit is a number from 1 to " + Frontends.MOST);
        }
        return page(frontends.search(text, Integer.parseInt(limit)));
    }

    private static CompletableFuture<Page> bad(String message) {
        return CompletableFuture.completedFuture(Page.error(ALL, HttpResponseStatus.BAD_REQUEST, message));
    }

    /**
     * Changes a frontend.
     *
     * @param who asks for it
     */
    CompletableFuture<Page> post(String target, byte[] body, String who) {
        return page(frontends.change(name(AdminPages.path(target)), body, who));
    }

    private static CompletableFuture<Page> page(CompletableFuture<Frontends.Answer> answer) {
        return answer.thenApply(given -> Page.json(HttpResponseStatus.valueOf(given.status()), given.body()));
    }
}
