package io.hipache.proxy.exchange;

import io.hipache.http.MalformedMessage;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.util.List;

/** The end of a request that never became an {@link Exchange}, because its head was not read. */
public final class UnreadableRequest {
    private UnreadableRequest() {}

    /**
     * What is told of it.
     *
     * @param startLine what was read of its request line
     * @param status of the answer, 0 when it got none
     * @param bytes of the answer
     * @param bodyBytes of the answer without its head
     */
    public static ExchangeEnd end(
            ClientIdentity who, String startLine, int status, EndReason reason, long bytes, long bodyBytes) {
        return new ExchangeEnd(
                who.listener(),
                "",
                "",
                "",
                who.address(),
                System.currentTimeMillis(),
                startLine,
                "",
                "",
                "",
                "",
                "",
                false,
                List.of(),
                status,
                reason,
                0,
                bytes,
                bodyBytes,
                0,
                0);
    }

    /** The word for what is wrong with it. */
    public static EndReason reason(MalformedMessage malformed) {
        return switch (malformed.status()) {
            case 431 -> EndReason.HEAD_TOO_LARGE;
            case 501 -> EndReason.UNSUPPORTED_CODING;
            default -> EndReason.MALFORMED_REQUEST;
        };
    }
}
