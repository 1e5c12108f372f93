package io.hipache.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of TLS and keeps the client's close_notify from it while answers are due. With a close_notify a client ends
 * its own output only (RFC 8446 §6.1), but Netty's engine for BoringSSL then ends ours as well, and so does TLS 1.2.
 *
 * <p>TLS 1.2 shows an alert by the type of its record. TLS 1.3 hides the type, but not the length: an alert has that of two
 * bytes of data, and the padding that the client's first hidden record shows, which is its Finished (RFC 8446 §4.4.4): Java
 * pads, others do not. So a record is kept only when nothing follows it and the client owes nothing, and whatever follows sets
 * it free. Confined to the event loop.
 */
public final class HeldGoodbye extends ChannelInboundHandlerAdapter {
    private static final int ALERT = 21;
    private static final int DATA = 23;
    /** The longest hidden record for which it is worth while to wait for the end of the handshake. */
    private static final int SHORT = 64;

    private static final int ALERT_BYTES = 2;
    /** A Finished is the head of a handshake message and a hash. */
    private static final int FINISHED_HEAD = 4;

    private BooleanSupplier answersDue = () -> false;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf held;

    // the record that is arriving
    private int headerBytes;
    private int type;
    private int length;
    /** Of its content, what has not arrived. */
    private int left;

    /** Of the first record with a hidden type. */
    private int firstHidden;
    /** The length of a record with a hidden alert; 0 where there is none; -1 until the end of the handshake. */
    private int hiddenAlert = -1;

    /** The one of this connection, null for one without TLS. */
    public static @Nullable HeldGoodbye of(Channel channel) {
        return channel.pipeline().get(HeldGoodbye.class);
    }

    /**
     * From now on keeps back what may be a close_notify, as long as {@code due} says so. To be called at the end of the
     * handshake.
     *
     * @param due whether answers are due and the client has sent all that they need; asked when such a record arrives
     */
    public void whileDue(BooleanSupplier due) {
        SslHandler tls = context == null ? null : context.pipeline().get(SslHandler.class);
        if (tls != null) {
            SSLSession session = tls.engine().getSession();
            whileDue(due, session.getProtocol(), session.getCipherSuite());
        }
    }

    void whileDue(BooleanSupplier due, String protocol, String suite) {
        answersDue = due;
        int hash = suite.endsWith("_SHA384") ? 48 : 32;
        hiddenAlert = protocol.equals("TLSv1.3") ? firstHidden - FINISHED_HEAD - hash + ALERT_BYTES : 0;
    }

    /** Whether something is kept that may be a close_notify. */
    public boolean isHolding() {
        return held != null;
    }

    /** Passes on what is kept. Everything written must have been flushed: after a close_notify TLS sends nothing more. */
    public void release() {
        if (held != null && context != null) {
            passHeld(context);
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        passHeld(ctx);
        int last = lastRecord(bytes);
        if (!mayBeGoodbye()) {
            ctx.fireChannelRead(bytes);
            return;
        }
        if (last > bytes.readerIndex()) {
            // first, because the request may be in it
            ctx.fireChannelRead(bytes.readRetainedSlice(last - bytes.readerIndex()));
        }
        if (!ctx.isRemoved() && mayBeGoodbye() && answersDue.getAsBoolean()) {
            held = KeptBytes.compact(bytes);
        } else {
            ctx.fireChannelRead(bytes);
        }
    }

    private void passHeld(ChannelHandlerContext ctx) {
        ByteBuf bytes = held;
        if (bytes != null) {
            held = null;
            ctx.fireChannelRead(bytes);
        }
    }

    /** Whether the last record, of which at least the header is here, may be a close_notify. */
    private boolean mayBeGoodbye() {
        if (headerBytes > 0) {
            return false;
        }
        return type == ALERT || (type == DATA && (hiddenAlert < 0 ? length <= SHORT : length == hiddenAlert));
    }

    /** Where the last record begins, which may have begun in the read before. */
    private int lastRecord(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        int start = at;
        while (at < end) {
            if (left > 0) {
                int step = Math.min(left, end - at);
                left -= step;
                at += step;
                continue;
            }
            if (headerBytes == 0) {
                start = at;
            }
            readHeader(bytes.getUnsignedByte(at++));
        }
        return start;
    }

    private void readHeader(int octet) {
        switch (headerBytes++) {
            case 0 -> type = octet;
            case 3 -> length = octet << 8;
            case 4 -> {
                length |= octet;
                left = length;
                headerBytes = 0;
                if (type == DATA && firstHidden == 0) {
                    firstHidden = length;
                }
            }
            default -> {
                // the version says nothing
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
    }

    private void drop() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
