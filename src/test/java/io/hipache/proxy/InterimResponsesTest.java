package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.upstream.InMemoryChannel;
import io.netty.channel.WriteBufferWaterMark;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backend says before its answer (RFC 9110 §15.2), and how much of that. */
class InterimResponsesTest {
    private static final String HINT = "HTTP/1.1 103 Early Hints|Link: </a>||";
    private static final String CONTINUE = "HTTP/1.1 100 Continue||";
    private static final String POST = "POST / HTTP/1.1|Host: h|Content-Length: 4|Expect: 100-continue||";
    private static final int TIMEOUT_SECONDS = 20;

    private final InMemoryProxy proxy;

    InterimResponsesTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void nothingIsLeft() {
        proxy.endWithoutALeak();
    }

    @Test
    void aBackendThatSaysNothingElseIsA502AndNotAskedAgain() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://c:82");
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, HINT.repeat(101));

        assertThat(proxy.got())
                .startsWith(HINT.repeat(100) + "HTTP/1.1 502 Bad Gateway|")
                .endsWith("||backend sent an invalid response");
        assertThat(proxy.ends).singleElement().extracting(ExchangeEnd::reason).isEqualTo(EndReason.INVALID_RESPONSE);
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void aClientThatTakesNoMoreGetsTheAnswerWithoutThem() {
        fillClient();
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, HINT.repeat(50) + OK);

        proxy.client().unstick();
        assertThat(proxy.got()).endsWith(OK).doesNotContain("103");
    }

    @Test
    void aClientThatWaitsForItIsToldToContinue() {
        proxy.send(POST);
        InMemoryChannel backend = proxy.accept();
        // as full as it may be behind answers that it has not read
        fillClient();

        proxy.answer(backend, HINT + CONTINUE + CONTINUE);

        proxy.client().unstick();
        assertThat(proxy.got())
                .endsWith(CONTINUE)
                .containsOnlyOnce("100 Continue")
                .doesNotContain("103");
        proxy.send("body");
        proxy.answer(backend, OK);
        assertThat(proxy.got()).isEqualTo(OK);
    }

    @Test
    void aHintIsNotWhatTheClientWaitsFor() {
        proxy.send(POST);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, HINT);

        proxy.passSeconds(TIMEOUT_SECONDS);

        assertThat(proxy.got()).startsWith(HINT + "HTTP/1.1 504 ");
    }

    private void fillClient() {
        proxy.client().config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        proxy.client().stick();
        proxy.client().writeAndFlush(proxy.client().alloc().buffer(8).writeLong(0));
        assertThat(proxy.client().isWritable()).isFalse();
    }
}
