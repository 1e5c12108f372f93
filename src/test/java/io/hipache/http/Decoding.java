package io.hipache.http;

import io.hipache.http.Line.Next;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a decoder passes on for some bytes, and what the proxy's own writers make of that. */
final class Decoding extends ChannelInboundHandlerAdapter {
    enum Kind {
        HEAD,
        BODY,
        END,
        MALFORMED
    }

    /** One message; adjacent parts of a body are one. The version is left out, and so are trailers that are not passed on. */
    record Part(Kind kind, String text) {}

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final List<Object> messages = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final ByteBuf written = Unpooled.buffer();
    private final Runnable whenComplete;
    private Framing framing = Framing.NONE;

    private Decoding(Runnable whenComplete) {
        this.whenComplete = whenComplete;
    }

    static Decoding requests(Next next, List<byte[]> pieces) {
        RequestDecoder decoder = new RequestDecoder();
        int[] complete = {0};
        Decoding decoding = new Decoding(next == Next.AT_ONCE ? decoder::next : () -> complete[0]++);
        Runnable goOn = () -> {
            while (complete[0] > 0) {
                complete[0]--;
                decoder.next();
            }
        };
        decoding.run(decoder, pieces, next == Next.AFTER_EACH_READ ? goOn : () -> {}, goOn);
        return decoding;
    }

    /** @param toHead whether the request was a HEAD */
    static Decoding response(boolean toHead, List<byte[]> pieces) {
        ResponseDecoder decoder = new ResponseDecoder();
        decoder.expect(toHead);
        Decoding decoding = new Decoding(() -> {});
        decoding.run(decoder, pieces, () -> {}, () -> {});
        return decoding;
    }

    private void run(ChannelHandler decoder, List<byte[]> pieces, Runnable afterEach, Runnable afterAll) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(decoder, this);
        for (byte[] piece : pieces) {
            channel.writeInbound(memory.heapBuffer(piece.length).writeBytes(piece));
            afterEach.run();
        }
        afterAll.run();
        channel.checkException();
        int before = messages.size();
        channel.finish();
        messages.subList(0, before).forEach(this::take);
        if (messages.size() > before) {
            throw new AssertionError("passed on at the end of the connection: " + messages.get(before));
        }
        if (memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory() > 0) {
            throw new AssertionError("bytes not released");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        messages.add(message);
        boolean lonelyHead =
                message instanceof RequestHead head && head.framing().isEmpty();
        if (lonelyHead || message instanceof BodyEnd) {
            whenComplete.run();
        }
    }

    private void take(Object message) {
        if (message instanceof RequestHead head) {
            framing = head.framing();
            add(Kind.HEAD, head.method() + " " + head.target() + Transcript.fields(head.fields()));
            writeHead(head.method() + " " + head.target() + " HTTP/1.1", head.fields());
        } else if (message instanceof ResponseHead head) {
            framing = head.framing();
            add(Kind.HEAD, head.status() + " " + head.reason() + Transcript.fields(head.fields()));
            writeHead("HTTP/1.1 " + head.status() + " " + head.reason(), head.fields());
        } else if (message instanceof ByteBuf bytes) {
            addBody(bytes);
        } else if (message instanceof BodyEnd end) {
            StringBuilder kept = new StringBuilder();
            Trailers.write(end.trailers(), new FieldSink() {
                @Override
                public void received(Fields fields, int index) {
                    kept.append(fields.name(index)).append(": ").append(fields.value(index));
                }

                @Override
                public void made(String name, String value) {
                    throw new AssertionError("a trailer that nobody sent: " + name);
                }
            });
            add(Kind.END, kept.toString());
            if (framing.kind() == Framing.Kind.CHUNKED) {
                HeadWriter.lastChunk(written, end.trailers());
            }
        } else if (message instanceof MalformedMessage malformed) {
            add(Kind.MALFORMED, malformed.status() + " " + malformed.reason());
        } else {
            throw new AssertionError("not from a decoder: " + message);
        }
    }

    private void add(Kind kind, String text) {
        if (!parts.isEmpty() && parts.get(parts.size() - 1).kind() == Kind.MALFORMED) {
            throw new AssertionError(text + " follows what is malformed");
        }
        parts.add(new Part(kind, text));
    }

    private void addBody(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            throw new AssertionError("an empty part of a body");
        }
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        Part last = parts.get(parts.size() - 1);
        if (last.kind() == Kind.BODY) {
            parts.set(parts.size() - 1, new Part(Kind.BODY, last.text() + text));
        } else {
            add(Kind.BODY, text);
        }
        if (framing.kind() == Framing.Kind.CHUNKED) {
            Chunks.write(bytes, Unpooled.buffer(Chunks.room(bytes)), part -> {
                written.writeBytes(part);
                part.release();
            });
        } else {
            written.writeBytes(bytes);
            bytes.release();
        }
    }

    private void writeHead(String startLine, Fields fields) {
        HeadWriter.latin1(written, startLine);
        HeadWriter.endLine(written);
        FieldLines lines = new FieldLines(written);
        for (int i = 0; i < fields.size(); i++) {
            lines.received(fields, i);
        }
        HeadWriter.endLine(written);
    }

    /** What was written, one character for each byte. */
    String written() {
        return written.toString(StandardCharsets.ISO_8859_1);
    }

    long heads() {
        return parts.stream().filter(part -> part.kind() == Kind.HEAD).count();
    }

    /** Everything that can be written: what is malformed is left out. */
    List<Part> passedOn() {
        return parts.stream().filter(part -> part.kind() != Kind.MALFORMED).toList();
    }

    void requireSameAs(Decoding other) {
        requireSame(parts, other.parts);
    }

    /** Fails unless what was written is read as the same messages. */
    void requireWrittenIs(Decoding reread) {
        requireSame(passedOn(), reread.parts);
    }

    private static void requireSame(List<Part> expected, List<Part> got) {
        if (!expected.equals(got)) {
            throw new AssertionError("expected " + expected + "\nbut got  " + got);
        }
    }
}
