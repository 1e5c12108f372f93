package io.hipache.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/** A channel without a socket that has addresses, speaks text, and whose other side can stop to take bytes. */
public final class InMemoryChannel extends EmbeddedChannel implements DuplexChannel {
    private final ByteBufAllocator memory;
    private final InetAddress remote;
    private final Config config = new Config();
    private boolean stuck;
    private boolean outputShutdown;

    /** @param memory where all of its buffers come from */
    public InMemoryChannel(ByteBufAllocator memory) {
        this(memory, NetUtil.LOCALHOST4, Ticker.systemTicker());
    }

    /**
     * @param remote who is on the other side
     * @param ticker the time of its event loop
     */
    public InMemoryChannel(ByteBufAllocator memory, InetAddress remote, Ticker ticker) {
        super(EmbeddedChannel.builder().ticker(ticker));
        this.memory = memory;
        this.remote = remote;
        config().setOption(ChannelOption.ALLOCATOR, memory);
    }

    /** Takes the option that turns a close into a reset. */
    private final class Config extends DefaultChannelConfig {
        private boolean resets;

        private Config() {
            super(InMemoryChannel.this);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option.equals(ChannelOption.SO_LINGER)) {
                resets = value.equals(0);
                return true;
            }
            return super.setOption(option, value);
        }
    }

    @Override
    public ChannelConfig config() {
        // null while the constructor of the superclass runs
        return config == null ? super.config() : config;
    }

    /** Whether this side closed the connection with a reset, so that what was sent does not look complete. */
    public boolean isReset() {
        return !isOpen() && config.resets;
    }

    /** Lets these bytes arrive. */
    public void receive(String latin1) {
        byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        writeInbound(memory.buffer(bytes.length).writeBytes(bytes));
    }

    /** Takes everything that was sent so far. */
    public String sent() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf bytes = readOutbound(); bytes != null; bytes = readOutbound()) {
            text.append(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
        }
        return text.toString();
    }

    /** The other side sends no more bytes, but still takes some. */
    public void finishReceiving() {
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        runPendingTasks();
    }

    /** The other side takes no more bytes. */
    public void stick() {
        stuck = true;
    }

    /** The other side takes bytes again. */
    public void unstick() {
        stuck = false;
        flush();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        if (!stuck) {
            super.doWrite(in);
        }
    }

    @Override
    protected SocketAddress localAddress0() {
        return new InetSocketAddress(NetUtil.LOCALHOST4, 8080);
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return new InetSocketAddress(remote, 40000);
    }

    @Override
    public boolean isInputShutdown() {
        return !isActive();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !isActive();
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        outputShutdown = true;
        pipeline().fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE);
        return promise.setSuccess();
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }
}
