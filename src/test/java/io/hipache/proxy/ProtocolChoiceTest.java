package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.hipache.proxy.http1.PlainRefusal;
import io.hipache.upstream.InMemoryChannel;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolChoiceTest {
    private final InMemoryProxy proxy;
    private final InMemoryChannel channel = new InMemoryChannel(UnpooledByteBufAllocator.DEFAULT);

    ProtocolChoiceTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        channel.finishAndReleaseAll();
        proxy.endWithoutALeak();
    }

    @Test
    void aClientWhoseHandshakeEndsWhenTheIdleTimeIsOverIsNotKept() throws SSLException {
        SslContext tls = SslContextBuilder.forClient().build();
        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new ProtocolChoice(new Proxy(proxy.services())));
        channel.sent();
        channel.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        channel.pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);

        channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
        channel.runPendingTasks();

        assertThat(channel.isOutputShutdown()).isTrue();
    }

    @Test
    void aClientThatDoesNotFetchThePageForPlainHttpIsCutOff() {
        proxy.client().pipeline().removeLast();
        proxy.client().pipeline().removeLast();
        proxy.client().stick();
        PlainRefusal.answer(
                proxy.services(), proxy.client(), Clients.identity(proxy.client(), true, false), Unpooled.EMPTY_BUFFER);

        proxy.passSeconds(9);
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.passSeconds(4);

        assertThat(proxy.client().isOpen()).isFalse();
    }
}
