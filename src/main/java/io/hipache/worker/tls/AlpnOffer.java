package io.hipache.worker.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a client offers by ALPN. RFC 7301 §3.2: where a client and a listener have no protocol in common, the handshake ends
 * with an alert. BoringSSL, as Netty has it, goes on without a protocol instead, and the client would talk to a server that
 * it cannot understand. Stateless.
 */
final class AlpnOffer {
    /** A fatal alert, {@code no_application_protocol}, as a record before any encryption. */
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private static final int VERSION_AND_RANDOM = 34;
    private static final int EXTENSION = 16;

    private AlpnOffer() {}

    static byte[] alert() {
        return NO_APPLICATION_PROTOCOL.clone();
    }

    /**
     * Whether the offer has one of {@code protocols}. A client that offers nothing, or whose ClientHello is malformed, passes:
     * TLS itself refuses the latter.
     *
     * @param clientHello the message behind its type and length (RFC 8446 §4.1.2)
     */
    static boolean isAcceptable(ByteBuf clientHello, List<String> protocols) {
        int end = clientHello.writerIndex();
        int at = clientHello.readerIndex() + VERSION_AND_RANDOM;
        at = behindVector(clientHello, at, 1, end);
        at = behindVector(clientHello, at, 2, end);
        at = behindVector(clientHello, at, 1, end);
        if (at < 0 || at + 2 > end) {
            return true;
        }
        at += 2;
        while (at + 4 <= end) {
            int type = clientHello.getUnsignedShort(at);
            int next = behindVector(clientHello, at + 2, 2, end);
            if (next < 0) {
                return true;
            }
            if (type == EXTENSION) {
                return hasOneOf(clientHello, at + 6, next, protocols);
            }
            at = next;
        }
        return true;
    }

    private static boolean hasOneOf(ByteBuf bytes, int from, int end, List<String> protocols) {
        int at = from;
        while (at >= 0 && at < end) {
            int next = behindVector(bytes, at, 1, end);
            if (next < 0) {
                return true;
            }
            if (protocols.contains(bytes.toString(at + 1, next - at - 1, StandardCharsets.ISO_8859_1))) {
                return true;
            }
            at = next;
        }
        return false;
    }

    /** The index behind a vector with a length of so many bytes before it, -1 when it does not fit. */
    private static int behindVector(ByteBuf bytes, int at, int lengthBytes, int end) {
        if (at < 0 || at + lengthBytes > end) {
            return -1;
        }
        int length = lengthBytes == 1 ? bytes.getUnsignedByte(at) : bytes.getUnsignedShort(at);
        int next = at + lengthBytes + length;
        return next > end ? -1 : next;
    }
}
