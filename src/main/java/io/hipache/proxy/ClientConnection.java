package io.hipache.proxy;

import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.CidrList;
import io.hipache.net.KernelOutput;
import io.hipache.net.LingeringClose;
import io.hipache.net.ReadGate;
import io.hipache.net.Reset;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** The connection of a client that speaks HTTP/1.1: who it is, and writing to it. Confined to the event loop. */
final class ClientConnection implements Client {
    private final Channel channel;
    private final ReadGate gate;
    private final ClientIdentity identity;
    /** Written, but not yet passed on. */
    private @Nullable ByteBuf head;

    private long bytesWritten;

    ClientConnection(Channel channel, boolean tls, boolean plainIpv4, CidrList trustedProxies) {
        this.channel = channel;
        this.gate = new ReadGate(channel);
        this.identity = ClientIdentity.of(channel, tls, plainIpv4, trustedProxies);
    }

    @Override
    public ClientIdentity identity() {
        return identity;
    }

    /** For the tunnel that takes it over. */
    Channel channel() {
        passHead();
        return channel;
    }

    @Override
    public ReadGate gate() {
        return gate;
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

    private void passHead() {
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

    @Override
    public void flush() {
        passHead();
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Bytes handed over since the connection began. */
    @Override
    public long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public void interim(RequestHead request, ResponseHead response) {
        Http1Relay.interim(this, request, response);
    }

    @Override
    public ResponseRelay begin(RequestHead request, ResponseHead response, boolean mayKeepAlive, DebugHeaders debug) {
        return Http1Relay.begin(this, request, response, mayKeepAlive, debug);
    }

    @Override
    public void switching(RequestHead request, ResponseHead response, DebugHeaders debug) {
        Http1Relay.switching(this, request, response, debug);
    }

    @Override
    public void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, DebugHeaders debug) {
        Answers.page(this, toHead, status, page, keepAlive, debug);
    }

    /** A figure that changes whenever the client has taken some of the bytes that wait for it. */
    long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    /** See {@link KernelOutput#nanosSinceSent}. */
    long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    /** See {@link Reset#close}. */
    @Override
    public void cut() {
        dropHead();
        Reset.close(channel);
    }

    void close() {
        dropHead();
        channel.close();
    }

    /** Closes behind everything written, though the client may still be sending. */
    void closeAfterReading() {
        passHead();
        gate.open();
        LingeringClose.close(channel);
    }

    /** As {@link #closeAfterReading}, when no answer is on its way that the client would have to fetch. */
    void closeIdle() {
        passHead();
        gate.open();
        LingeringClose.closeIdle(channel);
    }
}
