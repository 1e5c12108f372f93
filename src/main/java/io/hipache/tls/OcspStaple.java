package io.hipache.tls;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * An OCSP response of the authority about a certificate. The server sends it in the handshake, so that clients need not
 * ask the authority (RFC 6066 §8). The signature is not checked here; clients check it. Immutable.
 */
public final class OcspStaple {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");
    private static final String BASIC = "2b0601050507300101";
    /** The tag "context specific, primitive, number 0", which means {@code good}. */
    private static final int GOOD = 0x80;

    private final byte[] response;
    private final Instant end;

    private OcspStaple(byte[] response, Instant end) {
        this.response = response;
        this.end = end;
    }

    /**
     * Reads an OCSP response in DER (RFC 6960 §4.2.1).
     *
     * @throws BadPem when clients could not use the response: it is an error, is about another certificate, is
     *     outdated, or says that the certificate is revoked or unknown
     */
    public static OcspStaple of(byte[] response, X509Certificate certificate, Instant now) throws BadPem {
        Der answer = Der.of(response).enter(Der.SEQUENCE);
        byte[] status = answer.bytes(Der.ENUMERATED);
        if (status.length != 1 || status[0] != 0 || !answer.isAt(Der.TAGGED)) {
            throw new BadPem("holds an error instead of an OCSP response");
        }
        Der body = answer.enter(Der.TAGGED).enter(Der.SEQUENCE);
        if (!body.oid().equals(BASIC)) {
            throw new BadPem("holds no basic OCSP response");
        }
        Der data = Der.of(body.bytes(Der.OCTET_STRING)).enter(Der.SEQUENCE).enter(Der.SEQUENCE);
        while (!data.isAt(Der.SEQUENCE)) {
            // skip the version, the responder and the time
            data.skip();
        }
        Der responses = data.enter(Der.SEQUENCE);
        while (!responses.isAtEnd()) {
            Der single = responses.enter(Der.SEQUENCE);
            if (serialNumber(single).equals(certificate.getSerialNumber())) {
                return new OcspStaple(response.clone(), end(single, now));
            }
        }
        throw new BadPem("is about another certificate");
    }

    private static BigInteger serialNumber(Der single) throws BadPem {
        Der id = single.enter(Der.SEQUENCE);
        id.skip();
        id.skip();
        id.skip();
        return new BigInteger(id.bytes(Der.INTEGER));
    }

    private static Instant end(Der single, Instant now) throws BadPem {
        if (!single.isAt(GOOD)) {
            throw new BadPem("says that the certificate is revoked or unknown");
        }
        single.skip();
        single.skip();
        if (!single.isAt(Der.TAGGED)) {
            return Instant.MAX;
        }
        Instant end = time(single.enter(Der.TAGGED).bytes(Der.GENERALIZED_TIME));
        if (!end.isAfter(now)) {
            throw new BadPem("has been outdated since " + end);
        }
        return end;
    }

    private static Instant time(byte[] text) throws BadPem {
        try {
            return LocalDateTime.parse(new String(text, StandardCharsets.US_ASCII), TIME)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new BadPem("is damaged", e);
        }
    }

    /**
     * Whether the response has expired. Browsers refuse a certificate with an outdated response, but accept one without
     * any.
     */
    boolean isOutdated(Instant now) {
        return !end.isAfter(now);
    }

    /** The bytes to send to a client, in DER. */
    byte[] response() {
        return response.clone();
    }
}
