package io.hipache.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key for session tickets that all workers share. Each certificate uses a key of its own, which is derived from it. A
 * client resumes a session without seeing a certificate. So a ticket must be useless where another certificate would be
 * shown: for another name (RFC 6066 §3, RFC 8446 §4.6.1), and after the certificate was changed.
 */
final class TicketKey {
    private static final String ALGORITHM = "HmacSHA512";

    private final byte[] secret;

    private TicketKey(byte[] secret) {
        this.secret = secret;
    }

    /** Reads a key from the next {@link OpenSslSessionTicketKey#TICKET_KEY_SIZE} bytes. */
    static TicketKey read(ByteBuffer from) {
        byte[] secret = new byte[OpenSslSessionTicketKey.TICKET_KEY_SIZE];
        from.get(secret);
        return new TicketKey(secret);
    }

    /** The key for the tickets of this certificate. */
    OpenSslSessionTicketKey deriveFor(X509Certificate certificate) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            byte[] derived = mac.doFinal(certificate.getEncoded());
            int hmacAt = OpenSslSessionTicketKey.NAME_SIZE;
            int aesAt = hmacAt + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
            return new OpenSslSessionTicketKey(
                    Arrays.copyOf(derived, hmacAt),
                    Arrays.copyOfRange(derived, hmacAt, aesAt),
                    Arrays.copyOfRange(derived, aesAt, aesAt + OpenSslSessionTicketKey.AES_KEY_SIZE));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
