package io.hipache.probe;

import io.hipache.http.BodyEnd;
import io.hipache.http.MalformedMessage;
import io.hipache.http.ResponseDecoder;
import io.hipache.http.ResponseHead;
import io.hipache.outcome.EndReason;
import io.hipache.upstream.ConnectFault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/** Sends the question on a new connection and judges the answer. */
final class ProbeAnswer extends ChannelInboundHandlerAdapter {

    /** What is searched of a body. */
    private static final int MOST_BODY = 64 * 1024;

    private final Question question;
    private final ResponseDecoder decoder;
    private final Consumer<Verdict> end;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private int status;
    private boolean statusIsGood;

    /** @param end may be told more than one verdict, and then counts the first one */
    ProbeAnswer(Question question, ResponseDecoder decoder, Consumer<Verdict> end) {
        this.question = question;
        this.decoder = decoder;
        this.end = end;
    }

    void ask(Channel channel) {
        decoder.expect(question.toHead());
        channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), question.request()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ResponseHead head) {
            if (!head.isInterim()) {
                judge(head.status());
            }
        } else if (message instanceof ByteBuf bytes) {
            collect(bytes);
        } else if (message instanceof BodyEnd) {
            judgeBody();
        } else if (message instanceof MalformedMessage malformed) {
            end.accept(Verdict.bad(EndReason.INVALID_RESPONSE, malformed.reason()));
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void judge(int answered) {
        status = answered;
        String fault = question.faultOf(status);
        if (fault != null) {
            end.accept(Verdict.unexpected(status, fault));
        } else if (question.body() == null) {
            end.accept(Verdict.good(status));
        } else {
            statusIsGood = true;
        }
    }

    private void collect(ByteBuf bytes) {
        try {
            bytes.readBytes(body, Math.min(bytes.readableBytes(), MOST_BODY - body.size()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            bytes.release();
        }
        if (body.size() >= MOST_BODY) {
            judgeBody();
        }
    }

    private void judgeBody() {
        end.accept(hasBody() ? Verdict.good(status) : Verdict.unexpected(status, "the body lacks the expected text"));
    }

    private boolean hasBody() {
        String wanted = question.body();
        return wanted == null || body.toString(StandardCharsets.UTF_8).contains(wanted);
    }

    /** The verdict when the time is over: a body that goes on and on may have had the text already. */
    Verdict atLimit(String late) {
        if (statusIsGood && hasBody()) {
            return Verdict.good(status);
        }
        return statusIsGood ? Verdict.unexpected(status, late) : Verdict.bad(EndReason.BACKEND_SILENT, late);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (statusIsGood && decoder.endsWithConnection()) {
            judgeBody();
        } else {
            String fault = "closes the connection without a complete answer";
            end.accept(
                    statusIsGood ? Verdict.unexpected(status, fault) : Verdict.bad(EndReason.BACKEND_DROPPED, fault));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        EndReason reason = root instanceof SSLException ? EndReason.BACKEND_TLS_FAILED : EndReason.BACKEND_DROPPED;
        end.accept(Verdict.bad(reason, ConnectFault.describe(root)));
        ctx.close();
    }
}
