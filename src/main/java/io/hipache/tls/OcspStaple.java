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
 * What an authority signed of a certificate, to be sent along with it so that clients need not ask (RFC 6066 §8). Whether
 * the signature is right is the client's to see.
 */
public final class OcspStaple {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");
    private static final String BASIC = "2b0601050507300101";
    /** Context specific, primitive, number 0: {@code good}. */
    private static final int GOOD = 0x80;

    private final byte[] response;
    private final Instant end;

    private OcspStaple(byte[] response, Instant end) {
        this.response = response;
        this.end = end;
    }

    /**
     * Reads an answer of an authority (RFC 6960 §4.2.1) in DER.
     *
     * @throws BadPem when clients would have no use for it, for it is about another certificate, outdated or no good news
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
            // version, who answers, when
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
            throw new BadPem("is outdated since " + end);
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

    /** Browsers refuse a certificate because of an outdated one, and take it without any. */
    boolean isOutdated(Instant now) {
        return !end.isAfter(now);
    }

    byte[] response() {
        return response.clone();
    }
}
