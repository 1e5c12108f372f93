package io.hipache.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The time in which clients accept a chain of certificates: that in which each of them is valid (RFC 5280 §4.1.2.5). */
public record Validity(Instant from, Instant until) {

    /**
     * The time in which every certificate of a chain is valid.
     *
     * @param chain at least one
     */
    public static Validity of(List<X509Certificate> chain) {
        Instant from = Instant.MIN;
        Instant until = Instant.MAX;
        for (X509Certificate certificate : chain) {
            Instant begin = certificate.getNotBefore().toInstant();
            Instant end = certificate.getNotAfter().toInstant();
            from = begin.isAfter(from) ? begin : from;
            until = end.isBefore(until) ? end : until;
        }
        return new Validity(from, until);
    }

    /** What is wrong at this time, as what follows "the certificate"; null when nothing is. */
    public @Nullable String problem(Instant now) {
        if (now.isAfter(until)) {
            return "expired on " + until;
        }
        return now.isBefore(from) ? "is not valid before " + from : null;
    }
}
