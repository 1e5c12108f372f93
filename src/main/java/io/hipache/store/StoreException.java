package io.hipache.store;

import io.hipache.config.Installation;
import java.io.IOException;

/** The store could not be asked, or refused a command. The message is for the administrator, in one line. */
public final class StoreException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Kind {
        /** There is no connection, or no answer in time. */
        AWAY,
        /** The server refuses the user, the password, or this command of this user. */
        FORBIDDEN,
        /** A key holds something else than it should. */
        WRONG_TYPE,
        /** The server takes no writes. */
        READ_ONLY,
        /** Any other error reply. */
        REFUSED
    }

    private final Kind kind;

    StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** For those who know which key it is, and what to do. */
    public static StoreException wrongType(String message) {
        return new StoreException(Kind.WRONG_TYPE, message);
    }

    /** In the words of the server's error reply to a command. */
    static StoreException ofReply(String server, String error) {
        String start = "Redis " + server + ": ";
        // a script puts words of its own before those of the command that failed
        if (error.contains("WRONGTYPE")) {
            return new StoreException(Kind.WRONG_TYPE, start + "a key is of the wrong type: " + error);
        }
        if (isForbidden(error)) {
            return new StoreException(
                    Kind.FORBIDDEN,
                    start + "the user of the driver URL may not do this; "
                            + Installation.find().page("docs/commands.md") + " lists the rights: " + error);
        }
        if (error.startsWith("NOAUTH")) {
            return new StoreException(Kind.FORBIDDEN, start + "wants a password: " + error);
        }
        if (error.contains("READONLY")) {
            return new StoreException(
                    Kind.READ_ONLY, start + "is a replica, which takes no changes; name the master last in driver");
        }
        return new StoreException(Kind.REFUSED, start + error);
    }

    /** Redis has several words for that. */
    private static boolean isForbidden(String error) {
        return error.contains("NOPERM")
                || error.contains("ACL failure in script")
                || error.contains("The user executing the script");
    }
}
