package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Section;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code user} and {@code group}, the account of the workers. Only root can give the workers another account,
 * so it is checked only for root whether this machine has the account.
 */
final class AccountKeys {
    /** As in Hipache 0.4. */
    private static final String DEFAULT_USER = "www-data";

    private static final String ID_OF_ROOT = "0";
    private static final int ID_OF_USER = 2;
    private static final int PRIMARY_GROUP = 3;

    private final Section root;
    private final Findings findings;
    private final @Nullable Accounts accounts;

    record WorkerAccount(String user, String group) {}

    /** The users and groups of this machine. */
    interface Accounts {

        /**
         * The fields of one line of a database; null when there is no such line.
         *
         * @param database {@code passwd} or {@code group}
         * @param key a name or a number
         * @throws IOException when the database cannot be read
         */
        @Nullable
        List<String> entry(String database, String key) throws IOException;
    }

    /** @param accounts the accounts of this machine; null when nothing is checked */
    AccountKeys(Section root, @Nullable Accounts accounts) {
        this.root = root;
        this.findings = root.findings();
        this.accounts = accounts;
    }

    WorkerAccount read() {
        String user = nameOrNumber("user");
        String group = nameOrNumber("group");
        String wanted = user == null ? DEFAULT_USER : user;
        WorkerAccount asWritten = new WorkerAccount(wanted, group == null ? wanted : group);
        if (accounts == null) {
            return asWritten;
        }
        try {
            return resolve(asWritten, user, group, accounts);
        } catch (IOException e) {
            findings.problem("user", "cannot be looked up: " + e.getMessage());
            return asWritten;
        }
    }

    private WorkerAccount resolve(
            WorkerAccount asWritten, @Nullable String user, @Nullable String group, Accounts machine)
            throws IOException {
        List<String> entry = machine.entry("passwd", asWritten.user());
        if (entry == null && !isNumber(asWritten.user())) {
            findings.problem(
                    "user",
                    user == null
                            ? "missing, and this machine has no " + DEFAULT_USER
                                    + ": name the account of the workers, or \"root\" to let them stay root"
                            : "this machine has no user \"" + user + "\"");
        }
        if (group != null && !isNumber(group) && machine.entry("group", group) == null) {
            findings.problem("group", "this machine has no group \"" + group + "\"");
        }
        if (entry == null) {
            if (group == null && isNumber(asWritten.user())) {
                findings.problem("group", "missing, and this machine knows no group of user " + asWritten.user());
            }
            return asWritten;
        }
        if (entry.get(ID_OF_USER).equals(ID_OF_ROOT)) {
            if (group != null) {
                findings.warning("group", "has no effect, because the user is root");
            }
            return new WorkerAccount(HipacheConfig.ROOT, HipacheConfig.ROOT);
        }
        return new WorkerAccount(entry.get(0), group == null ? nameOfGroup(entry.get(PRIMARY_GROUP), machine) : group);
    }

    private static String nameOfGroup(String id, Accounts machine) throws IOException {
        List<String> entry = machine.entry("group", id);
        return entry == null ? id : entry.get(0);
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** A name or a number, as in Hipache; null when the key is absent. */
    private @Nullable String nameOrNumber(String key) {
        JsonNode value = root.value(key);
        if (value != null && value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0) {
            return value.asText();
        }
        return root.text(key);
    }
}
