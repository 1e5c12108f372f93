package io.hipache.driver.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the credentials for the next attempt to connect. It begins with the user and the password of the endpoint. A server
 * that does not know the user gets the password alone, because Hipache ignored the user in a URL. A server that wants no
 * password gets none.
 */
public final class Login {

    private enum Step {
        USER,
        PASSWORD,
        NOTHING
    }

    private final @Nullable String user;
    private final @Nullable String password;
    private Step step;
    private int adaptations;

    public Login(RedisEndpoint endpoint) {
        this.user = endpoint.user();
        this.password = endpoint.password();
        this.step = first();
    }

    /** Begins without credentials: most Sentinels want no password, and an open one may not know the user. */
    public static Login forSentinel(RedisEndpoint endpoint) {
        Login login = new Login(endpoint);
        login.step = Step.NOTHING;
        return login;
    }

    void applyTo(RedisURI.Builder uri) {
        if (password == null || step == Step.NOTHING) {
            return;
        }
        // Where Lettuce makes the provider itself, it logs in on the JDK's common pool: a connection may then count as
        // open before it takes commands, and a refusal may get lost.
        uri.withAuthentication(new StaticCredentialsProvider(step == Step.USER ? user : null, password.toCharArray()));
    }

    /** Chooses other credentials after a server's error. True when it makes sense to connect again at once. */
    public boolean adaptsTo(String error) {
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
        return step == Step.USER && (isRefusal(error) || isUserUnknown(error)) ? Step.PASSWORD : null;
    }

    /** Notes that a connection was opened. Returns a warning when not all credentials were used, else null. */
    @Nullable
    String succeeded() {
        adaptations = 0;
        if (password == null || step == first()) {
            return null;
        }
        return step == Step.NOTHING
                ? "wants no password, going on without one"
                : "does not know the user, going on with the password alone";
    }

    /** Says for the log how a server refused the login with this error; null when the error is about something else. */
    public @Nullable String refusal(String error) {
        if (!isRefusal(error)) {
            return null;
        }
        return password == null
                ? "wants a password, and the driver's URL has none (redis://:password@host)"
                : "refuses the password";
    }

    private Step first() {
        return user == null ? Step.PASSWORD : Step.USER;
    }

    private static boolean isRefusal(String error) {
        return error.startsWith("WRONGPASS") || error.startsWith("NOAUTH") || error.startsWith("ERR invalid password");
    }

    /** Redis before 6, and Redis since 6. Clients of Hipache's time then continued without a password. */
    private static boolean isPasswordUnwanted(String error) {
        return error.contains("no password is set") || error.contains("without any password configured");
    }

    /** Redis before 6. */
    private static boolean isUserUnknown(String error) {
        return error.startsWith("ERR wrong number of arguments for 'auth'");
    }
}
