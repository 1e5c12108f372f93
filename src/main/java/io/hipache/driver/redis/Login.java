package io.hipache.driver.redis;

import io.lettuce.core.RedisURI;
import org.jspecify.annotations.Nullable;

/**
 * Which of an endpoint's credentials a connection is opened with: all of them at first; the password alone for a server
 * that does not know the user, for Hipache left the user out; nothing for a server that wants no password.
 */
final class Login {

    private enum Step {
        USER,
        PASSWORD,
        NOTHING
    }

    private final @Nullable String user;
    private final @Nullable String password;
    private Step step;
    private int adaptations;

    Login(RedisEndpoint endpoint) {
        this.user = endpoint.user();
        this.password = endpoint.password();
        this.step = first();
    }

    /** Nothing at first: most Sentinels want no password, and an open one may not know the user. */
    static Login forSentinel(RedisEndpoint endpoint) {
        Login login = new Login(endpoint);
        login.step = Step.NOTHING;
        return login;
    }

    void applyTo(RedisURI.Builder uri) {
        if (password == null || step == Step.NOTHING) {
            return;
        }
        if (user != null && step == Step.USER) {
            uri.withAuthentication(user, password.toCharArray());
        } else {
            uri.withPassword(password.toCharArray());
        }
    }

    /** Whether a server that refused with this error may be tried again at once, with other credentials. */
    boolean adaptsTo(String error) {
        Step next = adaptations < Step.values().length ? nextAfter(error) : null;
        adaptations = next == null ? 0 : adaptations + 1;
        step = next == null ? first() : next;
        return next != null;
    }

    private @Nullable Step nextAfter(String error) {
        if (password == null) {
            return null;
        }
        if (step == Step.NOTHING) {
            return error.startsWith("NOAUTH") ? first() : null;
        }
        if (isPasswordUnwanted(error)) {
            return Step.NOTHING;
        }
        return step == Step.USER && (isRefusal(error) || isUserUnheardOf(error)) ? Step.PASSWORD : null;
    }

    /** A connection was opened; what has to be said about that, null for nothing. */
    @Nullable
    String succeeded() {
        adaptations = 0;
        if (password == null || step == first()) {
            return null;
        }
        return step == Step.NOTHING
                ? "wants no password, going on without"
                : "does not know the user, going on with the password alone";
    }

    private Step first() {
        return user == null ? Step.PASSWORD : Step.USER;
    }

    static boolean isRefusal(String error) {
        return error.startsWith("WRONGPASS") || error.startsWith("NOAUTH") || error.startsWith("ERR invalid password");
    }

    /** Redis before 6 and since; clients of Hipache's time went on without a password. */
    private static boolean isPasswordUnwanted(String error) {
        return error.contains("no password is set") || error.contains("without any password configured");
    }

    /** Redis before 6. */
    private static boolean isUserUnheardOf(String error) {
        return error.startsWith("ERR wrong number of arguments for 'auth'");
    }
}
