package io.hipache.http2;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * What a stream error says of the request that it refuses. The errors are Netty's, and some of them have a cause already, so it
 * is a suppressed exception of theirs. It has no stack trace: any client can cause one.
 */
final class RefusedRequest extends RuntimeException {
    private final String requestLine;

    private RefusedRequest(String requestLine) {
        super(null, null, false, false);
        this.requestLine = requestLine;
    }

    /** Has an error say what there was of the request. */
    static Http2Exception tell(Http2Exception error, Http2Headers block) {
        error.addSuppressed(new RefusedRequest(HeaderBlocks.requestLine(block)));
        return error;
    }

    /** See {@link ConnectionListener#requestRefused}. */
    static String lineOf(Http2Exception error) {
        for (Throwable told : error.getSuppressed()) {
            if (told instanceof RefusedRequest refused) {
                return refused.requestLine;
            }
        }
        return "";
    }
}
