package io.hipache.proxy.http1;

import io.hipache.net.KernelOutput;
import io.hipache.net.LingeringClose;
import io.hipache.net.Output;
import io.hipache.net.Reset;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Writes to the connection of a client that speaks HTTP/1.1, and counts the bytes. Confined to the event loop. */
final class ClientOutput implements Output {
    private final Channel channel;
    /** Written, but not yet passed on. */
    private @Nullable ByteBuf head;

    private long bytesWritten;
    private boolean corked;
    /** Whether a flush waits for the end of {@link #corked}. */
    private boolean flushed;

    ClientOutput(Channel channel) {
        this.channel = channel;
    }

    ByteBuf buffer(int bytes) {
        return channel.alloc().directBuffer(bytes);
    }

    /**
     * Writes and takes over a head. What follows before the next flush is copied behind it while there is room: one buffer
     * costs Netty and the kernel less than two.
     */
    void writeHead(ByteBuf bytes) {
        passHead();
        bytesWritten += bytes.readableBytes();
        head = bytes;
    }

    /** Writes and takes over {@code bytes}. */
    void write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        bytesWritten += length;
        if (head != null && length <= head.writableBytes()) {
            head.writeBytes(bytes);
            bytes.release();
        } else {
            passHead();
            channel.write(bytes, channel.voidPromise());
        }
    }

    /** Passes a head on that still waits for what may follow. */
    void passHead() {
        ByteBuf whole = head;
        if (whole != null) {
            head = null;
            channel.write(whole, channel.voidPromise());
        }
    }

    private void dropHead() {
        if (head != null) {
            head.release();
            head = null;
        }
    }

    void flush() {
        passHead();
        if (corked) {
            flushed = true;
        } else {
            channel.flush();
        }
    }

    /** From now until {@link #uncork}, which must follow within this turn of the loop, nothing is flushed. */
    void cork() {
        corked = true;
    }

    void uncork() {
        corked = false;
        if (flushed) {
            flushed = false;
            channel.flush();
        }
    }

    /** Whether something waits to be flushed at the end of this turn. */
    boolean isGathering() {
        return flushed || head != null;
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    /** Bytes handed over since the connection began. */
    long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    @Override
    public long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    /** See {@link Reset#close}. */
    void cut() {
        dropHead();
        Reset.close(channel);
    }

    /** See {@link LingeringClose#breakOff}. The channel must be read meanwhile. */
    void breakOff() {
        passHead();
        LingeringClose.breakOff(channel);
    }

    void close() {
        dropHead();
        channel.close();
    }

    /**
     * Closes behind everything written, though the client may still be sending. The channel must be read meanwhile.
     *
     * @param wasLast whether the client has said that it sends no more, and nothing of it is unread
     */
    void closeAfterReading(boolean wasLast) {
        passHead();
        if (wasLast) {
            LingeringClose.closeBehindTheLast(channel);
        } else {
            LingeringClose.close(channel);
        }
    }

    /** As {@link #closeAfterReading}, when no answer is on its way that the client would have to fetch. */
    void closeIdle() {
        passHead();
        LingeringClose.closeIdle(channel);
    }
}
