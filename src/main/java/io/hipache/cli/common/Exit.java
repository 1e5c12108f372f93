package io.hipache.cli.common;

/** The exit codes of commands. */
public final class Exit {
    public static final int FINE = 0;

    /** Something is wrong, or was not found. */
    public static final int WRONG = 1;

    /** The command line or the configuration is wrong, or there is no connection. */
    public static final int USAGE = 2;

    private Exit() {}
}
