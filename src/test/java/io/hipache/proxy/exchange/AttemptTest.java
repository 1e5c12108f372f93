package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.http.BodyEnd;
import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.ReadGate;
import io.hipache.outcome.EndReason;
import io.hipache.proxy.Clients;
import io.hipache.proxy.Heads;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.proxy.exchange.head.RequestTarget;
import io.hipache.routing.Backend;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import io.hipache.upstream.InMemoryBackends;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamPool;
import io.hipache.upstream.UpstreamRequest;
import io.hipache.upstream.UpstreamSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One try, over a protocol that only this test knows: an attempt needs no more than {@link UpstreamExchange}. */
class AttemptTest {
    private static final RequestIds NO_IDS = new RequestIds("", "", false);

    private final InMemoryChannel client = new InMemoryChannel(new UnpooledByteBufAllocator(false));
    private final ReadGate clientGate = new ReadGate(client);
    private final RequestHead head =
            Heads.request("PUT /x HTTP/1.1|Host: h|Content-Length: 4|Connection: x-hop|X-Hop: 1|A: b");
    private final RequestBody body = new RequestBody(
            clientGate, head.framing(), new Admission(AdmissionLimits.NONE), "client", System::nanoTime);
    private final OutgoingRequest request =
            new OutgoingRequest(head, RequestTarget.of(head), null, Clients.identity(client), Settings.usual(), NO_IDS);
    private final Recorder told = new Recorder();
    private final List<AttemptEnd> ends = new ArrayList<>();
    private final OtherProtocol backend = new OtherProtocol();
    private final Attempt attempt = attempt(ends::add);

    private Attempt attempt(Consumer<AttemptEnd> whenEnded) {
        Route.Chosen route = new Route.Chosen(
                new Backend(false, "b", 81),
                new Frontend("h", "h", "site", 1),
                0,
                "http://b:81/",
                "http://b:81/",
                "http://b:81");
        return new Attempt(route, request, body, told, whenEnded);
    }

    @Test
    void sendsHeadAndBodyInWhateverFramingTheBackendSpeaks() {
        body.add(bytes("bo"));
        attempt.acquired(backend, 7);
        body.add(bytes("dy"));
        body.finish(BodyEnd.PLAIN);

        assertThat(backend.sent.toString())
                .startsWith("PUT /x {Host=h}{Content-Length=4}{A=b}{x-forwarded-for=")
                .endsWith("[bo]<flush>[dy]<end>")
                .doesNotContain("X-Hop");
        assertThat(told.events).containsExactly("connected");
    }

    @Test
    void endsWithTheFinalHead() {
        attempt.acquired(backend, 0);
        attempt.interim(Heads.response("HTTP/1.1 103 Early Hints"));
        assertThat(ends).isEmpty();

        ResponseHead answer = Heads.response("HTTP/1.1 200 OK|Content-Length: 2");
        attempt.responseHead(answer);

        assertThat(told.events).containsExactly("connected", "interim 103");
        assertThat(ends).containsExactly(new AttemptEnd.Answered(answer, backend));
        assertThat(backend.discarded).isFalse();
    }

    @Test
    void endsOnceWhateverElseHappens() {
        attempt.acquired(backend, 0);
        attempt.failed(new UpstreamFailure.NoResponse("connection closed"));
        attempt.failed(new UpstreamFailure.NoResponse("again"));
        attempt.abandon();

        assertThat(ends).containsExactly(new AttemptEnd.Failed(new UpstreamFailure.NoResponse("connection closed")));
    }

    @Test
    void discardsTheConnectionOfASilentBackend() {
        attempt.acquired(backend, 0);
        attempt.timeOut();

        assertThat(ends).containsExactly(new AttemptEnd.Failed(new UpstreamFailure.TimedOut(false)));
        assertThat(backend.discarded).isTrue();
    }

    @Test
    void endsAtOnceWhereThereIsNoMemoryToSendTheRequest() {
        backend.outOfMemory = true;

        attempt.acquired(backend, 0);

        assertThat(ends).containsExactly(new AttemptEnd.Failed(new UpstreamFailure.NoMemory("no memory")));
        assertThat(backend.discarded).isTrue();
    }

    @Test
    void handsOnWhenItsWaitEnds() {
        UpstreamPool pool = new InMemoryBackends(new UnpooledByteBufAllocator(false))
                .pool(client.eventLoop(), new UpstreamSettings(1, true, Duration.ofHours(1)));
        Attempt before = attempt(end -> {});
        before.start(pool, false);
        long deadline = System.nanoTime() + 4711;
        attempt.waitUntil(deadline);

        attempt.start(pool, false);
        attempt.freeElsewhere();

        assertThat(ends).containsExactly(new AttemptEnd.FreeElsewhere(deadline));
        before.abandon();
    }

    @Test
    void saysWhetherASilentBackendAnswersOthers() {
        attempt.acquired(backend, 0);
        backend.answersOthers = true;
        attempt.timeOut();

        assertThat(ends).containsExactly(new AttemptEnd.Failed(new UpstreamFailure.TimedOut(true)));
    }

    @Test
    void saysNothingOnceItIsAbandoned() {
        attempt.acquired(backend, 0);
        attempt.abandon();
        attempt.failed(new UpstreamFailure.NoResponse("connection closed"));

        assertThat(ends).isEmpty();
        assertThat(backend.discarded).isTrue();
    }

    @Test
    void doesNotReadTheClientWhileTheBackendTakesNoMore() {
        attempt.acquired(backend, 0);
        backend.writable = false;
        body.add(bytes("body"));
        assertThat(clientGate.isOpen()).isFalse();
        assertThat(backend.sent.toString()).endsWith("[body]<flush>");

        backend.writable = true;
        body.sinkWritabilityChanged();

        assertThat(clientGate.isOpen()).isTrue();
        body.release();
    }

    @Test
    void tellsItsTimesApart() {
        attempt.acquired(backend, 1000);
        attempt.responseHead(Heads.response("HTTP/1.1 200 OK|Content-Length: 2"));

        var outcome = attempt.outcome(EndReason.ANSWERED, System.nanoTime());

        assertThat(outcome.connectNanos()).isEqualTo(1000);
        assertThat(outcome.firstByteNanos()).isPositive();
        assertThat(outcome.totalNanos())
                .isGreaterThanOrEqualTo(outcome.waitNanos() + outcome.connectNanos() + outcome.firstByteNanos());
        assertThat(outcome.backendUrl()).isEqualTo("http://b:81/");
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static final class Recorder implements Attempt.Observer {
        private final List<String> events = new ArrayList<>();

        @Override
        public void connected(UpstreamExchange upstream) {
            events.add("connected");
        }

        @Override
        public void interim(ResponseHead head) {
            events.add("interim " + head.status());
        }

        @Override
        public void readComplete() {
            events.add("readComplete");
        }

        @Override
        public void writabilityChanged() {
            events.add("writability");
        }
    }

    /** A protocol with a framing of its own. */
    private static final class OtherProtocol implements UpstreamExchange, FieldSink {
        private final StringBuilder sent = new StringBuilder();
        private final ReadGate gate = new ReadGate(new InMemoryChannel(new UnpooledByteBufAllocator(false)));
        private boolean writable = true;
        private boolean discarded;
        private boolean answersOthers;
        private boolean outOfMemory;

        @Override
        public void send(UpstreamRequest request, HeadListener listener) {
            if (outOfMemory) {
                throw new OutOfMemoryError("no memory");
            }
            sent.append(request.method()).append(' ').append(request.target()).append(' ');
            request.writeFields(this);
        }

        @Override
        public void received(Fields fields, int index) {
            made(fields.name(index), fields.value(index));
        }

        @Override
        public void made(String name, String value) {
            sent.append('{').append(name).append('=').append(value).append('}');
        }

        @Override
        public void body(ByteBuf bytes) {
            sent.append('[').append(bytes.toString(StandardCharsets.US_ASCII)).append(']');
            bytes.release();
        }

        @Override
        public void bodyEnd(BodyEnd end) {
            sent.append("<end>");
        }

        @Override
        public void flush() {
            sent.append("<flush>");
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void relayTo(BodyListener listener) {}

        @Override
        public boolean backendAnswersOthers() {
            return answersOthers;
        }

        @Override
        public ReadGate gate() {
            return gate;
        }

        @Override
        public void giveBack() {}

        @Override
        public boolean keep() {
            return false;
        }

        @Override
        public boolean resume(boolean upgrade) {
            return false;
        }

        @Override
        public void discard() {
            discarded = true;
        }

        @Override
        public long writeProgress() {
            return 0;
        }

        @Override
        public long nanosSinceSent() {
            return Long.MAX_VALUE;
        }
    }
}
