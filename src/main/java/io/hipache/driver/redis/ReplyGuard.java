package io.hipache.driver.redis;

import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before Lettuce, which gathers a whole string of a reply in memory, up to 512 MB. A string longer than
 * {@link #MOST_BYTES} arrives as an empty one, and its bytes are dropped as they come. A string longer than
 * {@link #MOST_DROPPED_BYTES} ends the connection. The scripts of this program never ask for such a string. This is for servers
 * that refuse scripts, and for whatever else Redis may send.
 *
 * <p>A message about more than {@link #MOST_CHANGED} changed keys ends the connection as well: Lettuce gathers them all, and Redis
 * tells the keys of one command in one message. Whoever remembers answers then asks again.
 */
final class ReplyGuard extends ChannelInboundHandlerAdapter {

    /** A field of a certificate has so much, and an element of a list less. */
    static final int MOST_BYTES = 64 * 1024;

    /** Dropping it takes less time than a look-up may take. */
    static final int MOST_DROPPED_BYTES = 16 << 20;

    /** Keys in one message, some 10 MB in Lettuce. One command, as DEL, may change a million keys. */
    static final int MOST_CHANGED = 100_000;

    /** Behind the head of a message of RESP3 come its kind and its content. */
    private static final int LINES_OF_MESSAGE = 2;

    /** A simple string, an error or a number. */
    private static final int LONGEST_LINE = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ReplyGuard.class);
    private static final byte[] EMPTY_STRING = "$0\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A line whose end has not arrived. */
    private ByteBuf held = Unpooled.EMPTY_BUFFER;

    private long toDrop;
    private long toPass;
    /** How many lines are to come of the message that has begun. */
    private int linesOfMessage;

    /** Puts a guard into the pipeline of each connection that Lettuce makes. */
    static final class Customizer implements NettyCustomizer {

        @Override
        public void afterChannelInitialized(Channel channel) {
            ChannelHandlerContext lettuce = channel.pipeline().context(CommandHandler.class);
            channel.pipeline().addBefore(lettuce.name(), null, new ReplyGuard());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = withHeld((ByteBuf) message);
        try {
            pass(ctx, in);
        } finally {
            in.release();
        }
    }

    private ByteBuf withHeld(ByteBuf arrived) {
        if (!held.isReadable()) {
            return arrived;
        }
        ByteBuf both = Unpooled.wrappedBuffer(held, arrived);
        held = Unpooled.EMPTY_BUFFER;
        return both;
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf in) {
        int end = in.writerIndex();
        int passFrom = in.readerIndex();
        int at = passFrom;
        while (at < end) {
            if (toDrop > 0) {
                int dropped = (int) Math.min(toDrop, end - at);
                toDrop -= dropped;
                at += dropped;
                passFrom = at;
            } else if (toPass > 0) {
                int passed = (int) Math.min(toPass, end - at);
                toPass -= passed;
                at += passed;
            } else {
                int lineEnd = in.indexOf(at, end, (byte) '\n');
                if (lineEnd < 0) {
                    break;
                }
                if (tellsTooMuch(in, at, lineEnd)) {
                    fire(ctx, in, passFrom, at);
                    forgetMessage(ctx, number(in, at + 1, lineEnd));
                    return;
                }
                long length = isString(in.getByte(at)) ? number(in, at + 1, lineEnd) : -1;
                if (length > MOST_DROPPED_BYTES) {
                    // the replies before it are complete: then the next command without a reply is the one to fail
                    fire(ctx, in, passFrom, at);
                    refuse(ctx, length);
                    return;
                }
                if (length > MOST_BYTES) {
                    fire(ctx, in, passFrom, at);
                    ctx.fireChannelRead(Unpooled.wrappedBuffer(EMPTY_STRING));
                    toDrop = length;
                    passFrom = lineEnd + 1;
                }
                // a string has a line end of its own behind its bytes
                toPass = length < 0 ? 0 : length > MOST_BYTES ? 2 : length + 2;
                at = lineEnd + 1;
            }
        }
        if (end - at > LONGEST_LINE) {
            refuse(ctx, end - at);
            return;
        }
        fire(ctx, in, passFrom, at);
        held = at < end ? Unpooled.copiedBuffer(in.slice(at, end - at)) : Unpooled.EMPTY_BUFFER;
    }

    /** Whether this line is the head of too long a list of changed keys: {@code >2}, {@code $10}, {@code *<keys>}. */
    private boolean tellsTooMuch(ByteBuf in, int at, int lineEnd) {
        byte marker = in.getByte(at);
        if (marker == '>') {
            linesOfMessage = LINES_OF_MESSAGE;
            return false;
        }
        return linesOfMessage > 0
                && --linesOfMessage == 0
                && marker == '*'
                && number(in, at + 1, lineEnd) > MOST_CHANGED;
    }

    /** No command is to blame: those without a reply fail with the connection, and look-ups are asked for again. */
    private void forgetMessage(ChannelHandlerContext ctx, long changed) {
        toDrop = Long.MAX_VALUE;
        LOG.warn(
                "Redis tells {} changed keys in one message, more than {}: the connection is closed, and each host is asked"
                        + " for again; delete fewer keys with one command",
                changed,
                MOST_CHANGED);
        ctx.close();
    }

    /** A string of RESP2, or one of the two that RESP3 has besides: an error and a text with its format. */
    private static boolean isString(byte marker) {
        return marker == '$' || marker == '!' || marker == '=';
    }

    private static void fire(ChannelHandlerContext ctx, ByteBuf in, int from, int to) {
        if (from == in.readerIndex() && to == in.writerIndex()) {
            ctx.fireChannelRead(in.retain());
        } else if (to > from) {
            ctx.fireChannelRead(in.retainedSlice(from, to - from));
        }
    }

    /** The number in a line that ends with CR and LF; -1 when there is none, as for a string that is null. */
    private static long number(ByteBuf in, int from, int lineEnd) {
        long number = lineEnd - from > 1 ? 0 : -1;
        for (int i = from; i < lineEnd - 1; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9 || number > Integer.MAX_VALUE) {
                return digit < 0 || digit > 9 ? -1 : number;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private void refuse(ChannelHandlerContext ctx, long length) {
        toDrop = Long.MAX_VALUE;
        LOG.warn(
                "Redis sends a string of {} bytes, more than any key of Hipache may hold: the connection is closed;"
                        + " find the key with redis-cli --memkeys",
                length);
        // Lettuce fails the command whose reply this is; the others fail with the connection
        ctx.fireExceptionCaught(new OversizedReplyException(length));
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}
