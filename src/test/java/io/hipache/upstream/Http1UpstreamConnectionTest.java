package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.net.ReadGate.Reason;
import io.hipache.routing.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http1UpstreamConnectionTest {
    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final InMemoryBackends backends = new InMemoryBackends(memory);
    private final BackendPool pool = new BackendPool(
            new Backend(false, "127.0.0.1", 80),
            new UpstreamSettings(1, true, Duration.ZERO),
            new Admission(AdmissionLimits.NONE),
            backends,
            empty -> {});
    private final RecordingAcquirer taker = new RecordingAcquirer();
    private InMemoryChannel backend = new InMemoryChannel(memory);

    @BeforeEach
    void connect() {
        backend = take(taker);
    }

    @AfterEach
    void leavesNoBufferBehind() {
        backend.finishAndReleaseAll();
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
                .isZero();
    }

    @Test
    void passesOnAResponseInItsParts() {
        request(taker);

        backend.receive(RESPONSE);

        assertThat(taker.events).containsExactly("head 200", "body ok", "end");
        assertThat(taker.failure).isNull();
    }

    @Test
    void failsWithoutAResponseOnANewConnection() {
        request(taker);

        backend.close();

        assertThat(taker.failure).isEqualTo(new UpstreamFailure.NoResponse("connection closed"));
    }

    @Test
    void failsAsStaleOnAUsedConnection() {
        RecordingAcquirer second = afterOneResponse();
        request(second);

        backend.close();

        assertThat(second.failure).isEqualTo(new UpstreamFailure.StaleConnection("connection closed", true));
    }

    @Test
    void knowsWhenAStaleConnectionTookNothing() {
        RecordingAcquirer second = afterOneResponse();
        second.connection().send(new PlainRequest("POST"), second);

        backend.close();

        assertThat(second.failure).isEqualTo(new UpstreamFailure.StaleConnection("connection closed", false));
    }

    @Test
    void knowsWhetherTheBackendAnswersOthersMeanwhile() {
        BackendPool wide = new BackendPool(
                new Backend(false, "127.0.0.1", 80),
                new UpstreamSettings(2, true, Duration.ZERO),
                new Admission(AdmissionLimits.NONE),
                backends,
                empty -> {});
        RecordingAcquirer silent = new RecordingAcquirer();
        RecordingAcquirer other = new RecordingAcquirer();
        wide.acquire(new Acquisition(silent, false, false, Long.MAX_VALUE / 2));
        InMemoryChannel first = backends.accept();
        wide.acquire(new Acquisition(other, false, false, Long.MAX_VALUE / 2));
        InMemoryChannel second = backends.accept();
        request(silent);
        request(other);
        first.receive("HTTP/1.1 103 Early Hints\r\n\r\n");
        assertThat(silent.connection().backendAnswersOthers()).isFalse();

        second.receive(RESPONSE);

        assertThat(silent.connection().backendAnswersOthers()).isTrue();
        first.finishAndReleaseAll();
        second.finishAndReleaseAll();
    }

    @Test
    void takesItsOwnFailureForNoFaultOfTheBackend() {
        request(taker);

        backend.pipeline().fireExceptionCaught(new OutOfMemoryError("failed to allocate"));

        assertThat(taker.failure).isInstanceOf(UpstreamFailure.NoMemory.class);
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void failsAsNoHttpWithinAHead() {
        request(taker);

        backend.receive("HTTP/1.1 200 OK\r\nConte");
        backend.close();

        assertThat(taker.failure).isInstanceOf(UpstreamFailure.NotHttp.class);
    }

    @Test
    void failsAsNoHttpOnAnythingElse() {
        request(taker);

        backend.receive("SSH-2.0-OpenSSH\r\n");

        assertThat(taker.failure).isEqualTo(new UpstreamFailure.NotHttp("not an HTTP response"));
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void failsAsBrokenBehindAHead() {
        request(taker);

        backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok");
        backend.close();

        assertThat(taker.failure).isEqualTo(new UpstreamFailure.BrokenResponse("connection closed"));
    }

    @Test
    void endsABodyWithTheConnectionWhereNothingElseDoes() {
        request(taker);

        backend.receive("HTTP/1.0 200 OK\r\n\r\nok");
        backend.close();

        assertThat(taker.events).containsExactly("head 200", "body ok", "end");
        assertThat(taker.failure).isNull();
    }

    @Test
    void takesNoResetForTheEndOfABody() {
        request(taker);

        backend.receive("HTTP/1.0 200 OK\r\n\r\nok");
        backend.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        backend.runPendingTasks();

        assertThat(taker.events).doesNotContain("end");
        assertThat(taker.failure).isEqualTo(new UpstreamFailure.BrokenResponse("ECONNRESET"));
    }

    @Test
    void isNotUsedAgainWithBytesBehindItsResponse() {
        RecordingAcquirer next = new RecordingAcquirer();
        pool.acquire(new Acquisition(next, false, false, Long.MAX_VALUE / 2));
        taker.givesBack = true;
        request(taker);

        backend.receive(RESPONSE + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");

        assertThat(backend.isOpen()).isFalse();
        assertThat(next.connection).isNull();
    }

    @Test
    void isNotUsedAgainBeforeItsRequestIsSent() {
        backend.stick();
        request(taker);

        backend.receive(RESPONSE);
        taker.connection().giveBack();

        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void isNotUsedAgainWhileItIsClosing() {
        request(taker);
        backend.receive(RESPONSE);
        taker.connection().giveBack();
        ChannelHandler slowToClose = new ChannelOutboundHandlerAdapter() {
            @Override
            public void close(ChannelHandlerContext ctx, ChannelPromise promise) {}
        };
        backend.pipeline().addFirst(slowToClose);

        backend.receive("unasked");
        RecordingAcquirer next = new RecordingAcquirer();
        pool.acquire(new Acquisition(next, false, false, Long.MAX_VALUE / 2));

        assertThat(next.connection).isNull();
        backend.pipeline().remove(slowToClose);
    }

    @Test
    void isReadAgainWhenItIsGivenBack() {
        request(taker);
        taker.connection().gate().pause(Reason.SINK_FULL);

        backend.receive(RESPONSE);
        taker.connection().giveBack();

        assertThat(backend.config().isAutoRead()).isTrue();
    }

    @Test
    void tellsNothingOnceItIsDiscarded() {
        request(taker);

        taker.connection().discard();
        backend.runPendingTasks();

        assertThat(taker.events).isEmpty();
        assertThat(taker.failure).isNull();
    }

    @Test
    void showsThatTheBackendTakesBytes() {
        backend.stick();
        request(taker);
        long before = taker.connection().writeProgress();

        backend.unstick();

        assertThat(before).isPositive();
        assertThat(taker.connection().writeProgress()).isZero();
    }

    @Test
    void isOutOfTheWayOfATunnelAndCountsUntilItCloses() {
        RecordingAcquirer next = new RecordingAcquirer();
        request(taker);
        StringBuilder tunnel = new StringBuilder();
        taker.whenHead = () -> taker.connection().switchTo(new Appending(tunnel));

        backend.receive("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\nfirst");
        backend.receive(" then");
        pool.acquire(new Acquisition(next, false, false, Long.MAX_VALUE / 2));
        assertThat(backends.connecting()).isZero();
        backend.close();
        backend.runPendingTasks();

        assertThat(tunnel).hasToString("first then");
        assertThat(taker.events).containsExactly("head 101");
        assertThat(taker.failure).isNull();
        assertThat(backends.connecting()).isEqualTo(1);
    }

    private RecordingAcquirer afterOneResponse() {
        request(taker);
        backend.receive(RESPONSE);
        taker.connection().giveBack();
        RecordingAcquirer second = new RecordingAcquirer();
        pool.acquire(new Acquisition(second, false, false, Long.MAX_VALUE / 2));
        return second;
    }

    private InMemoryChannel take(RecordingAcquirer first) {
        pool.acquire(new Acquisition(first, false, false, Long.MAX_VALUE / 2));
        return backends.accept();
    }

    private void request(RecordingAcquirer from) {
        from.connection().send(new PlainRequest("GET"), from);
        from.connection().flush();
    }

    private static final class Appending extends ChannelInboundHandlerAdapter {
        private final StringBuilder text;

        Appending(StringBuilder text) {
            this.text = text;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            text.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
        }
    }
}
