package io.hipache.supervisor.admin;

import io.hipache.net.LingeringClose;
import io.hipache.supervisor.admin.AdminPages.Page;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the admin listener. It answers one request after the other. */
final class AdminHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(AdminHandler.class);

    /** A supervisor that takes longer does not decide any more. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String BEARER = "Bearer ";

    /** The dashboard uses its own files and nothing else, and no other page shows it. */
    private static final String CONTENT_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    /** What the listener knows. */
    interface Source {
        AdminPages pages();

        /** Asks the supervisor's thread. */
        CompletableFuture<Facts> facts();

        /** The pages that need the store. */
        FrontendPages frontends();

        /** What a request has to show, null for nothing. */
        @Nullable
        String token();

        /** Whether frontends may be changed. */
        boolean allowsWrites();
    }

    private final Supplier<Source> source;
    private final HostCheck hosts;
    private boolean answering;
    private boolean closing;

    AdminHandler(Supplier<Source> source, HostCheck hosts) {
        this.source = source;
        this.hosts = hosts;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof FullHttpRequest request && !closing) {
            if (answering) {
                // a client that does not wait for its answer
                ctx.close();
            } else {
                answering = true;
                read(ctx, request);
            }
        }
        ReferenceCountUtil.release(message);
    }

    private void read(ChannelHandlerContext ctx, FullHttpRequest request) {
        Source now = source.get();
        Page refusal = refusal(now, request);
        if (refusal != null) {
            write(ctx, request, refusal, !request.decoderResult().isSuccess() || hasBody(request));
            return;
        }
        page(ctx, now, request)
                .exceptionally(failure -> failure(AdminPages.path(request.uri()), failure))
                .thenAcceptAsync(page -> write(ctx, request, page, false), ctx.executor());
    }

    private static CompletableFuture<Page> page(ChannelHandlerContext ctx, Source now, FullHttpRequest request) {
        String target = request.uri();
        if (request.method().equals(HttpMethod.POST)) {
            return now.frontends().post(target, ByteBufUtil.getBytes(request.content()), client(ctx.channel()));
        }
        if (FrontendPages.has(AdminPages.path(target))) {
            return now.frontends().get(target);
        }
        String accept = request.headers().get(HttpHeaderNames.ACCEPT);
        return now.facts().orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).thenApply(facts -> now.pages()
                .get(target, accept, facts));
    }

    /** Who is at the other end: an address, or the user and the process at a unix socket. */
    private static String client(Channel channel) {
        if (channel instanceof EpollDomainSocketChannel local) {
            try {
                PeerCredentials peer = local.peerCredentials();
                return "user " + peer.uid() + ", process " + peer.pid();
            } catch (IOException e) {
                return "a local user";
            }
        }
        return channel.remoteAddress() instanceof InetSocketAddress client
                ? client.getAddress().getHostAddress()
                : "an unknown address";
    }

    private static Page failure(String path, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            return Page.error(path, HttpResponseStatus.SERVICE_UNAVAILABLE, "supervisor_busy");
        }
        log.error("a page of the admin listener failed", cause);
        return Page.error(path, HttpResponseStatus.INTERNAL_SERVER_ERROR, "this page failed, see the log");
    }

    private @Nullable Page refusal(Source now, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            return Page.text(HttpResponseStatus.BAD_REQUEST, "this is no request, or too long");
        }
        HttpHeaders fields = request.headers();
        String path = AdminPages.path(request.uri());
        if (!hosts.allows(fields.getAll(HttpHeaderNames.HOST))) {
            return Page.error(
                    path,
                    HttpResponseStatus.MISDIRECTED_REQUEST,
                    "use an IP address or localhost as the name of the host");
        }
        boolean writes = request.method().equals(HttpMethod.POST) && FrontendPages.isOne(path);
        if (!writes
                && !request.method().equals(HttpMethod.GET)
                && !request.method().equals(HttpMethod.HEAD)) {
            return Page.error(
                    path,
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    FrontendPages.isOne(path)
                            ? "only GET, HEAD and POST; what is changed stands in the body of a POST"
                            : "only GET and HEAD");
        }
        if (!writes && hasBody(request)) {
            return Page.error(path, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "a request has no body here");
        }
        String token = now.token();
        if (writes && (token == null || !now.allowsWrites())) {
            return Page.error(
                    path, HttpResponseStatus.FORBIDDEN, "nothing can be changed here without server.admin.write");
        }
        if (token != null && !AdminPages.isOpen(path) && !shows(request, token)) {
            return Page.error(
                    path,
                    HttpResponseStatus.UNAUTHORIZED,
                    "the token of server.admin is missing or wrong; send it as Authorization: Bearer TOKEN");
        }
        return writes ? WriteCheck.refusal(path, fields) : null;
    }

    private static boolean hasBody(FullHttpRequest request) {
        return request.content().isReadable();
    }

    private static boolean shows(HttpRequest request, String token) {
        String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        return shown.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        shown.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    /** @param head whether only the head is asked for */
    static FullHttpResponse response(Page page, boolean head) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                page.status(),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(page.body()));
        HttpHeaders fields = response.headers();
        fields.set(HttpHeaderNames.CONTENT_TYPE, page.type());
        fields.set(HttpHeaderNames.CONTENT_LENGTH, page.body().remaining());
        fields.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        fields.set("x-content-type-options", "nosniff");
        fields.set("content-security-policy", CONTENT_POLICY);
        fields.set("cross-origin-resource-policy", "same-origin");
        fields.set("referrer-policy", "no-referrer");
        if (page.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            fields.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        return response;
    }

    private void write(ChannelHandlerContext ctx, HttpRequest request, Page page, boolean close) {
        boolean keepAlive = !close && HttpUtil.isKeepAlive(request);
        FullHttpResponse response = response(page, request.method().equals(HttpMethod.HEAD));
        if (page.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            boolean one = FrontendPages.isOne(AdminPages.path(request.uri()));
            response.headers().set(HttpHeaderNames.ALLOW, one ? "GET, HEAD, POST" : "GET, HEAD");
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        ctx.writeAndFlush(response).addListener(written -> {
            answering = false;
            if (!keepAlive || !written.isSuccess()) {
                closing = true;
                LingeringClose.close(ctx.channel());
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("a connection to the admin listener failed: {}", cause.toString());
        ctx.close();
    }
}
