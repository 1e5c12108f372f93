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
 * What stands behind the scheme of a driver URL, taken apart: {@code //user:password@hosts/path?options#prefix}, every
 * part optional.
 *
 * @param hosts null when there is no authority at all, as in {@code redis:/2}
 * @param user null where there is none, or where it has no password: Hipache sent nothing then
 * @param password percent-decoded, null when there is none
 * @param path as it stands
 * @param options percent-decoded
 * @param prefix as it stands
 */
record DriverUrlParts(
        @Nullable String hosts,
        @Nullable String user,
        @Nullable String password,
        String path,
        Map<String, String> options,
        String prefix) {

    // the database may follow the scheme directly, and so may the prefix: redis:/2, redis:#prefix
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
        // without a colon all of it is the password, as Hipache had it
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

    /** Nothing, for nearly every part may hold a secret. */
    @Override
    public String toString() {
        return "DriverUrlParts";
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

    /** An unknown one is not shown: it may be the rest of a password. */
    void allowOptions(String... names) throws BadUrl {
        if (!Set.of(names).containsAll(options.keySet())) {
            throw new BadUrl(
                    names.length == 0
                            ? "the URL has no options; a ? in a password is written as %3F"
                            : "an option is unknown, the ones known are " + String.join(", ", names)
                                    + "; a ? in a password is written as %3F");
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
     * @param what the part, to be named when it is wrong
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
