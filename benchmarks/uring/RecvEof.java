import io.netty.bootstrap.*; import io.netty.channel.*; import io.netty.channel.epoll.*; import io.netty.channel.uring.*; import io.netty.channel.unix.*; import io.netty.buffer.*;
/**
 * The other side of a unix socket ends without having sent a descriptor: Netty hands out descriptor 0, the standard input.
 *
 * java -cp "target/lib/*" benchmarks/uring/RecvEof.java
 */
public class RecvEof {
  public static void main(String[] a) throws Exception {
    EventLoopGroup e=new MultiThreadIoEventLoopGroup(1,EpollIoHandler.newFactory());
    EventLoopGroup u=new MultiThreadIoEventLoopGroup(1,IoUringIoHandler.newFactory());
    DomainSocketAddress ad=new DomainSocketAddress("\0recv-"+ProcessHandle.current().pid());
    EpollServerSocketChannel bound=(EpollServerSocketChannel)new ServerBootstrap().group(e).channel(EpollServerSocketChannel.class).childHandler(new ChannelInboundHandlerAdapter()).bind("127.0.0.1",0).sync().channel();
    new ServerBootstrap().group(e).channel(EpollServerDomainSocketChannel.class).childHandler(new ChannelInboundHandlerAdapter(){ public boolean isSharable(){return true;}
      public void channelRead(ChannelHandlerContext c,Object m){ ((ByteBuf)m).release(); c.close(); }}).bind(ad).sync();
    int n=a.length>0?Integer.parseInt(a[0]):1;
    for(int i=0;i<n;i++){
    java.util.concurrent.CountDownLatch l=new java.util.concurrent.CountDownLatch(1);
    Channel c=new Bootstrap().group(u).channel(IoUringDomainSocketChannel.class).option(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS)
      .handler(new ChannelInboundHandlerAdapter(){ public void channelActive(ChannelHandlerContext x){ x.writeAndFlush(x.alloc().buffer().writeBytes("tok\n".getBytes())); }
       public void channelRead(ChannelHandlerContext x,Object m) throws Exception { System.out.println("got "+m); ((FileDescriptor)m).close(); x.close(); l.countDown(); }
       public void exceptionCaught(ChannelHandlerContext x,Throwable t){ t.printStackTrace(); l.countDown(); }}).connect(ad).sync().channel();
    System.out.println(l.await(3,java.util.concurrent.TimeUnit.SECONDS)+" closing "+c.close().await(2000)); }
    Thread.sleep(500); System.out.println("done"); System.exit(0);
  }}
