package io.hipache.certificates;

import org.jspecify.annotations.Nullable;

/**
 * Certificates in the store, under the names that they are for. Every call is made on the worker's event loop and answered
 * there, later or at once. Nothing blocks.
 */
public interface CertificateStore {

    /** Reads the certificate of a name and that of its wildcard. */
    void read(ServerName name, ReadCallback callback);

    /** Receives the outcome of a {@link #read}: exactly one call of exactly one method. */
    interface ReadCallback {
        /**
         * The store has answered.
         *
         * @param wildcard {@link Stored.Nothing} when the name has no wildcard
         */
        void found(Stored exact, Stored wildcard);

        /** The store could not be asked, or has not answered. */
        void unavailable(String reason);
    }

    /** The answer of the store for one name. */
    sealed interface Stored {

        /** The store has nothing under the name. */
        record Nothing() implements Stored {
            /** Written out, see "Records" in CONTRIBUTING.md. */
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Nothing;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }

        /** A certificate and a key. They may be written by two commands, so they need not belong together. */
        record Pair(PemPair pem) implements Stored {
            /** Written out, see "Records" in CONTRIBUTING.md. */
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Pair that && pem.equals(that.pem);
            }

            @Override
            public int hashCode() {
                return pem.hashCode();
            }
        }

        /** Something else, or only one of certificate and key. */
        record Unusable(String reason) implements Stored {
            /** Written out, see "Records" in CONTRIBUTING.md. */
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Unusable that && reason.equals(that.reason);
            }

            @Override
            public int hashCode() {
                return reason.hashCode();
            }
        }
    }
}
