package io.hipache.certificates;

/**
 * Certificates kept in the store under the names they are for. Called on the worker's event loop and answered there,
 * later or at once; nothing here blocks.
 */
public interface CertificateStore {

    /** Reads what is kept under a name and under its wildcard. */
    void read(ServerName name, ReadCallback callback);

    /** Receives the outcome of a {@link #read}: exactly one call of exactly one method. */
    interface ReadCallback {
        /**
         * What is kept.
         *
         * @param wildcard nothing where the name has no wildcard
         */
        void found(Stored exact, Stored wildcard);

        /** The store could not be asked. */
        void unavailable(String reason);
    }

    /** What is kept under one name. */
    sealed interface Stored {

        /** There is nothing. */
        record Nothing() implements Stored {}

        /** Both halves of a pair. They are written by separate commands, so they need not belong together. */
        record Pair(PemPair pem) implements Stored {}

        /** Something else, or half a pair. */
        record Unusable(String reason) implements Stored {}
    }
}
