package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The decoder passes on one request at a time. Which bytes {@link RequestDecoder} holds back, for how long, and how it
 * continues.
 */
class PipeliningTest {
    private static final String GET = "GET / HTTP/1.1\r\n\r\n";
    private static final String PUT = "PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";

    private final RequestDecoder decoder = new RequestDecoder();

    @Test
    void holdsTheNextRequestUntilItIsAskedFor() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive(GET + "POST");

            assertThat(line.lines()).containsExactly("GET / HTTP/1.1");
            assertThat(decoder.holdsBytes()).isTrue();

            line.receive(" /2 HTTP/1.1\r\n\r\n");

            assertThat(line.lines()).isEmpty();

            decoder.next();

            assertThat(line.lines()).containsExactly("POST /2 HTTP/1.1");
            assertThat(decoder.holdsBytes()).isFalse();
        }
    }

    @Test
    void holdsNothingWhileABodyArrives() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive(PUT + "ab");

            assertThat(decoder.holdsBytes()).isFalse();

            line.receive("cG");

            assertThat(decoder.holdsBytes()).isTrue();
            assertThat(line.lines()).containsExactly("PUT / HTTP/1.1 {Content-Length: 3}", "body abc", "end");
        }
    }

    @Test
    void saysWhetherAHeadHasBegun() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive("\r\n");

            assertThat(decoder.inHead()).isFalse();

            line.receive("GET /");

            assertThat(decoder.inHead()).isTrue();

            line.receive(" HTTP/1.1\r\n\r\nGET");

            assertThat(decoder.inHead()).isFalse();
            assertThat(line.lines()).containsExactly("GET / HTTP/1.1");

            decoder.next();

            assertThat(decoder.inHead()).isTrue();
        }
    }

    @Test
    void refusesToGoOnBeforeTheRequestIsComplete() {
        try (Line line = new Line(decoder, () -> {})) {
            assertThatIllegalStateException().isThrownBy(decoder::next);

            line.receive(PUT + "ab");

            assertThatIllegalStateException().isThrownBy(decoder::next);

            line.receive("c");
            decoder.next();

            assertThat(line.lines()).hasSize(3);
        }
    }

    @Test
    void refusesToGoOnBehindAMalformedRequest() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive("@" + GET);

            assertThat(line.lines()).containsExactly("400 malformed request line");
            assertThatIllegalStateException().isThrownBy(decoder::next);
            assertThat(decoder.holdsBytes()).isFalse();
        }
    }

    @Test
    void takesThousandsOfRequestsAtOnceWithoutDeepeningTheStack() {
        List<Integer> depths = new ArrayList<>();
        int requests = 20_000;

        try (Line line = new Line(decoder, () -> {
            depths.add(Thread.currentThread().getStackTrace().length);
            decoder.next();
        })) {
            line.receive(PUT + "abc");
            line.receive(GET.repeat(requests));

            assertThat(line.lines()).hasSize(requests + 3);
            assertThat(depths).allMatch(depth -> depth < depths.get(0) + 10);
        }
    }

    @Test
    void endsAReadWhenItGoesOnFromOutside() {
        List<Object> events = new ArrayList<>();

        try (Line line = new Line(decoder, () -> {})) {
            line.channel().pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelReadComplete(ChannelHandlerContext ctx) {
                    events.addAll(line.lines());
                    events.add("read complete");
                }
            });
            line.receive(GET + GET);
            decoder.next();
            decoder.next();
        }

        assertThat(events).containsExactly("GET / HTTP/1.1", "read complete", "GET / HTTP/1.1", "read complete");
    }

    @Test
    void forgetsWhatItHoldsWhenTheConnectionEnds() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive(GET + GET + GET);
            line.channel().close();

            assertThat(line.lines()).containsExactly("GET / HTTP/1.1");
            assertThat(decoder.holdsBytes()).isFalse();

            decoder.next();

            assertThat(line.lines()).isEmpty();
        }
    }

    @Test
    void throwsAwayWhateverArrivesBehindTheLastRequest() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive(GET + GET);
            decoder.ignoreRest();
            for (int i = 0; i < 100; i++) {
                line.receive(new byte[10_000]);
            }

            assertThat(line.lines()).containsExactly("GET / HTTP/1.1");
            assertThat(line.allocated()).isZero();
            assertThat(decoder.holdsBytes()).isFalse();
        }
    }

    @Test
    void throwsAwayTheRestWhenToldSoFromWithin() {
        try (Line line = new Line(decoder, decoder::ignoreRest)) {
            line.receive(GET + GET + "@");
            line.receive(GET);

            assertThat(line.lines()).containsExactly("GET / HTTP/1.1");
            assertThat(line.allocated()).isZero();
        }
    }

    @Test
    void throwsAwayTheRestOfABodyThatNobodyWants() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive(PUT + "a");
            decoder.ignoreRest();
            line.receive("bc" + GET);

            assertThat(line.lines()).containsExactly("PUT / HTTP/1.1 {Content-Length: 3}", "body a");
        }
    }

    @Test
    void passesOnNothingMoreWhenTheConnectionEndsInAHeadOrABody() {
        for (String begun : List.of("GET / HT", GET.stripTrailing(), PUT, PUT + "ab", "\r")) {
            try (Line line = new Line(new RequestDecoder(), () -> {})) {
                line.receive(begun);
                line.lines();

                line.channel().close();

                assertThat(line.lines()).as(begun).isEmpty();
            }
        }
    }
}
