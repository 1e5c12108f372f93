package io.hipache;

/** The one entry point of supervisor and workers. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(args.length);
    }
}
