import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.socket.*;
import io.netty.channel.uring.*;
import java.io.*;
import java.net.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

/**
 * Toggles autoRead in several ways while a client sends bytes of a known pattern, and checks each byte, each end and each pause.
 *
 * java -cp "target/lib/*" benchmarks/uring/AutoRead.java io_uring
 * java -Dends=true -cp "target/lib/*" benchmarks/uring/AutoRead.java epoll
 */
public class AutoRead {
    static final long ALL = Long.getLong("bytes", 100L << 20);
    static EventLoopGroup loop;
    static Class<? extends ServerChannel> server;

    static byte at(long i) { return (byte) (i * 31 + (i >>> 13)); }

    /** What the server has seen on one connection. */
    static class Seen extends ChannelInboundHandlerAdapter {
        final Mode mode;
        long bytes, wrong, readsWhilePaused, shutdowns, inactive, messages;
        boolean paused;
        long deadline;
        volatile Throwable fault;
        final CountDownLatch end = new CountDownLatch(1);
        ChannelHandlerContext ctx;
        Seen(Mode mode) { this.mode = mode; }
        @Override public void channelActive(ChannelHandlerContext c) { ctx = c; mode.active(this); }
        @Override public void channelRead(ChannelHandlerContext c, Object m) {
            ByteBuf b = (ByteBuf) m;
            if (paused) readsWhilePaused++;
            for (int i = b.readerIndex(); i < b.writerIndex(); i++, bytes++) if (b.getByte(i) != at(bytes)) wrong++;
            b.release();
            messages++;
            mode.read(this);
        }
        @Override public void channelReadComplete(ChannelHandlerContext c) { mode.complete(this); }
        @Override public void userEventTriggered(ChannelHandlerContext c, Object e) {
            if (e == ChannelInputShutdownEvent.INSTANCE) { shutdowns++; end.countDown(); }
        }
        @Override public void channelInactive(ChannelHandlerContext c) { inactive++; end.countDown(); }
        @Override public void exceptionCaught(ChannelHandlerContext c, Throwable t) { fault = t; c.close(); }
        void pause() { paused = true; ctx.channel().config().setAutoRead(false); }
        void resume() { paused = false; ctx.channel().config().setAutoRead(true); }
    }

    abstract static class Mode {
        void active(Seen s) {}
        void read(Seen s) {}
        void complete(Seen s) {}
    }

    static Mode mode(String name) {
        switch (name) {
            case "off and on in the same turn": return new Mode() { void read(Seen s) { s.pause(); s.resume(); } };
            case "off, on in the next turn": return new Mode() {
                void read(Seen s) { if (!s.paused) { s.pause(); s.ctx.executor().execute(s::resume); } } };
            case "off, on after 1 ms": return new Mode() {
                void read(Seen s) { if (!s.paused) { s.pause(); s.ctx.executor().schedule(s::resume, 1, TimeUnit.MILLISECONDS); } } };
            case "20 toggles in one turn": return new Mode() {
                void read(Seen s) { for (int i = 0; i < 20; i++) { s.pause(); s.resume(); } } };
            case "off in read, on in readComplete": return new Mode() {
                void read(Seen s) { s.pause(); }
                void complete(Seen s) { if (s.paused) s.resume(); } };
            case "off in readComplete, on in the next turn": return new Mode() {
                void complete(Seen s) { if (!s.paused) { s.pause(); s.ctx.executor().execute(s::resume); } } };
            case "always off, read() in readComplete": return new Mode() {
                void active(Seen s) { s.ctx.channel().config().setAutoRead(false); s.ctx.read(); }
                void complete(Seen s) { s.ctx.read(); } };
            case "toggled by timers, whatever comes": return new Mode() {
                void active(Seen s) { turn(s); }
                void turn(Seen s) {
                    if (!s.ctx.channel().isActive() || s.end.getCount() == 0) return;
                    if (ThreadLocalRandom.current().nextBoolean()) { s.pause(); } else { s.resume(); }
                    if (ThreadLocalRandom.current().nextInt(50) == 0) { s.pause(); s.resume(); s.pause(); }
                    s.ctx.executor().schedule(() -> turn(s), ThreadLocalRandom.current().nextInt(300), TimeUnit.MICROSECONDS);
                } };
            default: throw new IllegalArgumentException(name);
        }
    }

    static final String[] MODES = {
        "off and on in the same turn", "off, on in the next turn", "off, on after 1 ms", "20 toggles in one turn",
        "off in read, on in readComplete", "off in readComplete, on in the next turn", "always off, read() in readComplete",
        "toggled by timers, whatever comes",
    };

    interface Client { void run(Socket s) throws Exception; }

    static String run(java.util.function.Supplier<Mode> mode, long expected, int clients, Client client, boolean halfClose, int seconds) throws Exception {
        BlockingQueue<Seen> all = new LinkedBlockingQueue<>();
        Channel listening = new ServerBootstrap().group(loop).channel(server)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClose)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override protected void initChannel(Channel ch) { Seen s = new Seen(mode.get()); all.add(s); ch.pipeline().addLast(s); }
                }).bind("127.0.0.1", 0).sync().channel();
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        ExecutorService pool = Executors.newCachedThreadPool(r -> { Thread t = new Thread(r); t.setDaemon(true); return t; });
        long begin = System.nanoTime();
        for (int i = 0; i < clients; i++) pool.submit(() -> { try (Socket s = new Socket("127.0.0.1", port)) { client.run(s); } return null; });
        long lost = 0, wrong = 0, paused = 0, hung = 0, faults = 0, bytes = 0, msgs = 0; String fault = "";
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < clients; i++) {
            Seen s = all.poll(10, TimeUnit.SECONDS);
            if (s == null) { hung++; continue; }
            boolean ended = s.end.await(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            Seen r = s; // read on the loop, for visibility
            long[] v = new long[4];
            loop.next().submit(() -> { v[0] = r.bytes; v[1] = r.wrong; v[2] = r.readsWhilePaused; v[3] = r.messages; }).sync();
            bytes += v[0]; wrong += v[1]; paused += v[2]; msgs += v[3];
            if (!ended) hung++;
            if (v[0] != expected) lost += expected - v[0];
            if (s.fault != null) { faults++; fault = String.valueOf(s.fault); }
            s.ctx.close();
        }
        pool.shutdownNow();
        listening.close().sync();
        return String.format("%d MiB in %d reads, %.1f s | missing %d | wrong %d | read while off %d | no end seen %d of %d | faults %d %s",
                bytes >> 20, msgs, (System.nanoTime() - begin) / 1e9, lost, wrong, paused, hung, clients, faults, fault);
    }

    static void send(Socket s, long count, int piece) throws IOException {
        byte[] b = new byte[piece];
        OutputStream out = s.getOutputStream();
        for (long i = 0; i < count; ) {
            int n = (int) Math.min(piece, count - i);
            for (int j = 0; j < n; j++) b[j] = at(i + j);
            out.write(b, 0, n);
            i += n;
        }
    }

    public static void main(String[] args) throws Exception {
        boolean uring = args[0].equals("io_uring");
        loop = new MultiThreadIoEventLoopGroup(1, uring ? IoUringIoHandler.newFactory() : EpollIoHandler.newFactory());
        server = uring ? IoUringServerSocketChannel.class : EpollServerSocketChannel.class;
        for (String name : Boolean.getBoolean("ends") ? new String[0] : MODES) {
            long all = name.equals("off, on after 1 ms") ? ALL / 4 : ALL;
            System.out.println(args[0] + " | " + name + " | 1 client, pieces of 20,000 | " + run(() -> mode(name), all, 1,
                    s -> { send(s, all, 20000); s.shutdownOutput(); Thread.sleep(60000); }, true, 60));
            long little = 200_000;
            System.out.println(args[0] + " | " + name + " | 50 clients, pieces of 700 | " + run(() -> mode(name), little, 50,
                    s -> { send(s, little, 700); s.shutdownOutput(); Thread.sleep(60000); }, true, 60));
        }
        // the other side ends while autoRead is off, and reading goes on later
        for (int end = 0; end < 3; end++) {
            int how = end;
            String name = new String[] {"half close", "close", "reset"}[how];
            System.out.println(args[0] + " | " + name + " while off, on 100 ms later | 50 clients, 30,000 bytes | " + run(() -> new Mode() {
                void active(Seen s) { s.pause(); s.ctx.executor().schedule(s::resume, 100, TimeUnit.MILLISECONDS); }
            }, 30000, 50, s -> {
                send(s, 30000, 3000);
                if (how == 0) { s.shutdownOutput(); Thread.sleep(60000); }
                if (how == 2) { s.setSoLinger(true, 0); }
            }, true, 10));
            // the gap between bytes: the end comes behind a pause in the middle of the body
            System.out.println(args[0] + " | " + name + " while off behind a first read | 50 clients, 30,000 bytes | " + run(() -> new Mode() {
                void read(Seen s) { if (s.messages == 1) { s.pause(); s.ctx.executor().schedule(s::resume, 100, TimeUnit.MILLISECONDS); } }
            }, 30000, 50, s -> {
                send(s, 30000, 3000);
                if (how == 0) { s.shutdownOutput(); Thread.sleep(60000); }
                if (how == 2) { s.setSoLinger(true, 0); }
            }, true, 10));
        }
        // does the end show at all while reading stays off?
        System.out.println(args[0] + " | reset while off for good: is the end seen? | 20 clients, 0 bytes | " + run(() -> new Mode() {
            void active(Seen s) { s.pause(); } }, 0, 20, s -> { Thread.sleep(50); s.setSoLinger(true, 0); }, true, 3));
        // request and answer on a kept connection with reading off between (netty#17049)
        if (!Boolean.getBoolean("ends")) pingPong(args[0]);
        System.exit(0);
    }

    static void pingPong(String transport) throws Exception {
        Channel listening = new ServerBootstrap().group(loop).channel(server).childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override protected void initChannel(Channel ch) {
                        ch.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            int n;
                            @Override public void channelActive(ChannelHandlerContext c) { c.read(); }
                            @Override public void channelRead(ChannelHandlerContext c, Object m) {
                                // off, on and read() in changing order, as a proxy does between two requests
                                int k = n++ % 4;
                                if (k == 1) { c.channel().config().setAutoRead(true); c.channel().config().setAutoRead(false); }
                                if (k == 2) { c.channel().config().setAutoRead(true); c.executor().execute(() -> { c.channel().config().setAutoRead(false); c.read(); }); }
                                if (k == 3) { c.executor().execute(() -> { c.channel().config().setAutoRead(true); c.channel().config().setAutoRead(false); c.read(); }); }
                                c.writeAndFlush(m);
                                c.read();
                            }
                        });
                    }
                }).bind("127.0.0.1", 0).sync().channel();
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        AtomicLong done = new AtomicLong(), stuck = new AtomicLong();
        Thread[] threads = new Thread[32];
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                try (Socket s = new Socket("127.0.0.1", port)) {
                    s.setSoTimeout(5000);
                    byte[] b = new byte[100];
                    while (System.nanoTime() < until) {
                        s.getOutputStream().write(b);
                        if (s.getInputStream().readNBytes(100).length != 100) throw new EOFException();
                        done.incrementAndGet();
                    }
                } catch (IOException e) { stuck.incrementAndGet(); System.out.println(e); }
            });
            threads[i].start();
        }
        for (Thread t : threads) t.join();
        System.out.println(transport + " | 32 kept connections, autoRead toggled between requests, 15 s | " + done + " answers | stuck " + stuck);
    }
}
