package io.hipache.config.address;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a driver URL after its scheme: {@code //user:password@hosts/path?options#prefix}. Every part is
 * optional.
 *
 * @param hosts null when there is no authority at all, as in {@code redis:/2}
 * @param user null when there is no user, or no password: in that case Hipache sent nothing
 * @param password percent-decoded, null when there is none
 * @param path not decoded
 * @param options percent-decoded
 * @param prefix not decoded
 */
record DriverUrlParts(
        @Nullable String hosts,
        @Nullable String user,
        @Nullable String password,
        String path,
        Map<String, String> options,
        String prefix) {

    // the database or the prefix may follow the scheme directly: redis:/2, redis:#prefix
    private static final Pattern PARTS = Pattern.compile(
            "(?://(?:(?<credentials>[^/?#]*)@)?(?<hosts>[^/?#]*))?(?<path>[^?#]*)(?:\\?(?<options>[^#]*))?(?:#(?<prefix>.*))?",
            Pattern.DOTALL);
    private static final Pattern BAD_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    static DriverUrlParts of(String afterScheme) throws BadUrl {
        Matcher parts = PARTS.matcher(afterScheme);
        if (!parts.matches()) {
            throw new BadUrl("expected a driver URL such as redis://:password@host:6379/0#prefix");
        }
        String credentials = textOf(parts, "credentials");
        int colon = credentials.indexOf(':');
        // without a colon the whole text is the password, as in Hipache
        String password = decoded("password", credentials.substring(colon + 1));
        String user = decoded("user", credentials.substring(0, Math.max(colon, 0)));
        return new DriverUrlParts(
                parts.group("hosts"),
                user.isEmpty() || password.isEmpty() ? null : user,
                password.isEmpty() ? null : password,
                parts.group("path"),
                options(textOf(parts, "options")),
                textOf(parts, "prefix"));
    }

    /** Shows no part, because nearly every part may hold a secret. */
    @Override
    public String toString() {
        return "DriverUrlParts";
    }

    /**
     * Whether an {@code @} stands where no credentials can be: the rest of a password with a {@code /}, {@code ?} or
     * {@code #} in it, as passwords that a program has made often have.
     */
    boolean mayBeTheRestOfAPassword() {
        return path.indexOf('@') >= 0 || prefix.indexOf('@') >= 0;
    }

    /** The value of an option under one of its names; null when there is none. */
    @Nullable
    String option(String... names) {
        for (String name : names) {
            String value = options.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** Does not show an unknown option, because it may be the rest of a password. */
    void allowOptions(String... names) throws BadUrl {
        if (!Set.of(names).containsAll(options.keySet())) {
            throw new BadUrl(
                    names.length == 0
                            ? "a URL of this kind has no options; write a ? in a password as %3F"
                            : "an option is unknown, the ones known are " + String.join(", ", names)
                                    + "; write a ? in a password as %3F");
        }
    }

    private static Map<String, String> options(String text) throws BadUrl {
        Map<String, String> options = new HashMap<>();
        for (String option : text.split("&", -1)) {
            int equal = option.indexOf('=');
            if (equal >= 0) {
                options.put(option.substring(0, equal), decoded("value of an option", option.substring(equal + 1)));
            } else if (!option.isEmpty()) {
                options.put(option, "");
            }
        }
        return options;
    }

    /**
     * Percent-decodes.
     *
     * @param what the name of the part, for the error message
     */
    static String decoded(String what, String text) throws BadUrl {
        if (BAD_PERCENT.matcher(text).find()) {
            throw new BadUrl("the " + what + " has a % without two hexadecimal digits; write %25 for a percent sign");
        }
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String textOf(Matcher parts, String group) {
        String text = parts.group(group);
        return text == null ? "" : text;
    }
}
