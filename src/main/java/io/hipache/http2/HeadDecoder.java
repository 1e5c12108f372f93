package io.hipache.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** Netty's decoder of header blocks, whose errors say what there was of a request. Confined to the event loop. */
final class HeadDecoder extends DefaultHttp2HeadersDecoder {
    private @Nullable Http2Headers block;

    /** @param longest header block, in bytes as RFC 9113 §6.5.2 counts them */
    HeadDecoder(long longest) {
        // only the decoder sees the order of fields, so it checks the order; HeaderBlocks checks the values, so the
        // decoder does not
        super(true, false, longest);
    }

    @Override
    public Http2Headers decodeHeaders(int streamId, ByteBuf bytes) throws Http2Exception {
        try {
            return super.decodeHeaders(streamId, bytes);
        } catch (StreamException refused) {
            if (block != null) {
                RefusedRequest.tell(refused, block);
            }
            throw refused;
        } finally {
            block = null;
        }
    }

    @Override
    protected Http2Headers newHeaders() {
        Http2Headers made = super.newHeaders();
        block = made;
        return made;
    }
}
