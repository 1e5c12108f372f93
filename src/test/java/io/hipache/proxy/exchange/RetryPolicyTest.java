package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.RetryPolicy.Facts;
import io.hipache.proxy.exchange.RetryPolicy.Retry;
import io.hipache.proxy.exchange.RetryPolicy.Verdict;
import io.hipache.upstream.UpstreamFailure;
import io.hipache.upstream.UpstreamFailure.BrokenResponse;
import io.hipache.upstream.UpstreamFailure.NoFreeSocket;
import io.hipache.upstream.UpstreamFailure.NoResponse;
import io.hipache.upstream.UpstreamFailure.NoSocketLeft;
import io.hipache.upstream.UpstreamFailure.NotConnected;
import io.hipache.upstream.UpstreamFailure.NotHttp;
import io.hipache.upstream.UpstreamFailure.NotLookedUp;
import io.hipache.upstream.UpstreamFailure.StaleConnection;
import io.hipache.upstream.UpstreamFailure.TimedOut;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RetryPolicyTest {
    private static final boolean DEAD = true;
    private static final boolean ALIVE = false;

    private static final Facts GET = new Facts(true, true, 0, false);
    private static final Facts POST = new Facts(false, true, 0, false);
    private static final Facts LONG_PUT = new Facts(true, false, 0, false);
    private static final Facts LONG_POST = new Facts(false, false, 0, false);

    private record Row(UpstreamFailure failure, Facts facts, boolean markDead, Retry retry, int status) {}

    static Stream<Row> table() {
        UpstreamFailure refused = new NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED");
        UpstreamFailure stale = new StaleConnection("ECONNRESET", true);
        UpstreamFailure untouched = new StaleConnection("EPIPE", false);
        UpstreamFailure noResponse = new NoResponse("ECONNRESET");
        return Stream.of(
                // refused, timed out, unreachable, name unknown: any method, for nothing was sent
                new Row(refused, GET, DEAD, Retry.AGAIN, 502),
                new Row(refused, POST, DEAD, Retry.AGAIN, 502),
                new Row(refused, LONG_POST, DEAD, Retry.AGAIN, 502),
                new Row(refused, retried(GET, 2), DEAD, Retry.AGAIN, 502),
                new Row(refused, retried(GET, 3), DEAD, Retry.NO, 502),
                new Row(refused, afterStale(GET), DEAD, Retry.AGAIN, 502),
                // a reused connection died: once more on a fresh one, idempotent methods or nothing sent
                new Row(stale, GET, ALIVE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(stale, retried(GET, 3), ALIVE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(stale, afterStale(GET), ALIVE, Retry.NO, 502),
                new Row(stale, POST, ALIVE, Retry.NO, 502),
                new Row(stale, LONG_PUT, ALIVE, Retry.NO, 502),
                new Row(untouched, POST, ALIVE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(untouched, LONG_POST, ALIVE, Retry.NO, 502),
                new Row(untouched, afterStale(POST), ALIVE, Retry.NO, 502),
                // a fresh connection died: idempotent methods with their whole body
                new Row(noResponse, GET, DEAD, Retry.AGAIN, 502),
                new Row(noResponse, POST, DEAD, Retry.NO, 502),
                new Row(noResponse, LONG_PUT, DEAD, Retry.NO, 502),
                new Row(noResponse, retried(GET, 3), DEAD, Retry.NO, 502),
                // silence: no time is left
                new Row(new TimedOut(), GET, DEAD, Retry.NO, 504),
                new Row(new TimedOut(), POST, DEAD, Retry.NO, 504),
                new Row(new NoFreeSocket("full"), GET, ALIVE, Retry.NO, 503),
                // the response broke off, or is none
                new Row(new BrokenResponse("ECONNRESET"), GET, ALIVE, Retry.NO, 502),
                new Row(new NotHttp("not an HTTP response"), GET, ALIVE, Retry.NO, 502),
                // this machine's own trouble
                new Row(new NoSocketLeft("Too many open files"), GET, ALIVE, Retry.NO, 502),
                new Row(new NotLookedUp("too many other names"), LONG_POST, ALIVE, Retry.AGAIN, 502),
                new Row(new NotLookedUp("too many other names"), retried(GET, 3), ALIVE, Retry.NO, 502));
    }

    @ParameterizedTest
    @MethodSource("table")
    void decidesByTheTable(Row row) {
        Verdict verdict = new RetryPolicy(3).decide(row.failure(), row.facts());

        assertThat(verdict.markDead()).isEqualTo(row.markDead());
        assertThat(verdict.retry()).isEqualTo(row.retry());
        assertThat(verdict.status()).isEqualTo(row.status());
    }

    @Test
    void saysWhyThereIsNoOtherAttempt() {
        NotConnected refused = new NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED");

        assertThat(new RetryPolicy(0).decide(refused, GET))
                .isEqualTo(new Verdict(true, Retry.NO, 502, "Retry on error is disabled"));
        assertThat(new RetryPolicy(1).decide(refused, retried(GET, 1)))
                .isEqualTo(new Verdict(true, Retry.NO, 502, "Reached max retries limit"));
        assertThat(new RetryPolicy(1).decide(new TimedOut(), GET).message()).isEqualTo("Backend timed out");
        assertThat(new RetryPolicy(1).decide(new NoFreeSocket("full"), GET).message())
                .isEqualTo("full");
    }

    private static Facts retried(Facts facts, int times) {
        return new Facts(facts.idempotent(), facts.bodyKept(), times, false);
    }

    private static Facts afterStale(Facts facts) {
        return new Facts(facts.idempotent(), facts.bodyKept(), 0, true);
    }
}
