package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.RetryPolicy.Blame;
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
import io.hipache.upstream.UpstreamFailure.WorkerFailed;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RetryPolicyTest {
    private static final Facts GET = new Facts(true, true, false, 0, false);
    private static final Facts POST = new Facts(false, true, false, 0, false);
    private static final Facts LONG_PUT = new Facts(true, false, false, 0, false);
    private static final Facts LONG_POST = new Facts(false, false, false, 0, false);

    private record Row(UpstreamFailure failure, Facts facts, Blame blame, Retry retry, int status) {}

    static Stream<Row> table() {
        UpstreamFailure refused = new NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED");
        UpstreamFailure busy = new NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT", true, false);
        UpstreamFailure busyForOne = new NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT", true, true);
        UpstreamFailure stale = new StaleConnection("ECONNRESET", true);
        UpstreamFailure untouched = new StaleConnection("EPIPE", false);
        UpstreamFailure noResponse = new NoResponse("ECONNRESET");
        UpstreamFailure silence = new TimedOut(false);
        UpstreamFailure silenceForOne = new TimedOut(true);
        return Stream.of(
                // refused, timed out, unreachable, name unknown: any method, for nothing was sent
                new Row(refused, GET, Blame.HARD, Retry.AGAIN, 502),
                new Row(refused, POST, Blame.HARD, Retry.AGAIN, 502),
                new Row(refused, LONG_POST, Blame.HARD, Retry.AGAIN, 502),
                new Row(refused, owed(POST), Blame.HARD, Retry.AGAIN, 502),
                new Row(refused, retried(GET, 2), Blame.HARD, Retry.AGAIN, 502),
                new Row(refused, retried(GET, 3), Blame.HARD, Retry.NO, 502),
                new Row(refused, dropped(GET), Blame.HARD, Retry.AGAIN, 502),
                // no place in the queue of a backend that lives: one client can take them all
                new Row(busy, GET, Blame.SOFT, Retry.AGAIN, 502),
                new Row(busy, owed(LONG_POST), Blame.SOFT, Retry.AGAIN, 502),
                new Row(busy, retried(GET, 3), Blame.SOFT, Retry.NO, 502),
                new Row(busyForOne, POST, Blame.ANSWERS_OTHERS, Retry.AGAIN, 502),
                new Row(new NotConnected(EndReason.CONNECT_TIMED_OUT, "ETIMEDOUT"), GET, Blame.HARD, Retry.AGAIN, 502),
                // a reused connection died: once more on a fresh one, idempotent methods or nothing sent
                new Row(stale, GET, Blame.NONE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(stale, owed(LONG_PUT), Blame.NONE, Retry.NO, 502),
                new Row(stale, retried(GET, 3), Blame.NONE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(stale, dropped(GET), Blame.NONE, Retry.NO, 502),
                new Row(stale, POST, Blame.NONE, Retry.NO, 502),
                new Row(stale, LONG_PUT, Blame.NONE, Retry.NO, 502),
                new Row(untouched, POST, Blame.NONE, Retry.ON_FRESH_CONNECTION, 502),
                new Row(untouched, LONG_POST, Blame.NONE, Retry.NO, 502),
                new Row(untouched, dropped(POST), Blame.NONE, Retry.NO, 502),
                // a fresh connection died: idempotent methods with their whole body go to a witness, once
                new Row(noResponse, GET, Blame.IF_WITNESSED, Retry.AS_WITNESS, 502),
                new Row(noResponse, retried(GET, 2), Blame.IF_WITNESSED, Retry.AS_WITNESS, 502),
                new Row(noResponse, dropped(GET), Blame.DROPPED_TWICE, Retry.NO, 502),
                new Row(noResponse, dropped(retried(GET, 1)), Blame.DROPPED_TWICE, Retry.NO, 502),
                // where no witness can be asked, the limit of soft failures must do
                new Row(noResponse, POST, Blame.SOFT, Retry.NO, 502),
                new Row(noResponse, LONG_PUT, Blame.SOFT, Retry.NO, 502),
                new Row(noResponse, retried(GET, 3), Blame.SOFT, Retry.NO, 502),
                // whoever waits for the rest of a request may give up
                new Row(noResponse, owed(POST), Blame.CLIENT_OWES, Retry.NO, 502),
                new Row(noResponse, owed(LONG_PUT), Blame.CLIENT_OWES, Retry.NO, 502),
                new Row(noResponse, owed(GET), Blame.CLIENT_OWES, Retry.AS_WITNESS, 502),
                // silence: no time is left
                new Row(silence, GET, Blame.SOFT, Retry.NO, 504),
                new Row(silence, POST, Blame.SOFT, Retry.NO, 504),
                new Row(silence, dropped(GET), Blame.SOFT, Retry.NO, 504),
                new Row(silence, owed(POST), Blame.CLIENT_OWES, Retry.NO, 504),
                new Row(silenceForOne, GET, Blame.ANSWERS_OTHERS, Retry.NO, 504),
                new Row(silenceForOne, owed(POST), Blame.CLIENT_OWES, Retry.NO, 504),
                new Row(new NoFreeSocket("full"), GET, Blame.NONE, Retry.NO, 503),
                // the response broke off, or is none
                new Row(new BrokenResponse("ECONNRESET"), GET, Blame.NONE, Retry.NO, 502),
                new Row(new NotHttp("not an HTTP response"), GET, Blame.NONE, Retry.NO, 502),
                // this machine's own trouble
                new Row(new NoSocketLeft("Too many open files"), GET, Blame.NONE, Retry.NO, 502),
                new Row(new WorkerFailed("no memory"), GET, Blame.NONE, Retry.NO, 502),
                new Row(new NotLookedUp("too many other names"), LONG_POST, Blame.NONE, Retry.AGAIN, 502),
                new Row(new NotLookedUp("too many other names"), retried(GET, 3), Blame.NONE, Retry.NO, 502));
    }

    @ParameterizedTest
    @MethodSource("table")
    void decidesByTheTable(Row row) {
        Verdict verdict = new RetryPolicy(3).decide(row.failure(), row.facts());

        assertThat(verdict.blame()).isEqualTo(row.blame());
        assertThat(verdict.retry()).isEqualTo(row.retry());
        assertThat(verdict.status()).isEqualTo(row.status());
    }

    @Test
    void saysWhyThereIsNoOtherAttempt() {
        NotConnected refused = new NotConnected(EndReason.CONNECT_REFUSED, "ECONNREFUSED");

        assertThat(new RetryPolicy(0).decide(refused, GET))
                .isEqualTo(new Verdict(Blame.HARD, Retry.NO, 502, "Retry on error is disabled"));
        assertThat(new RetryPolicy(1).decide(refused, retried(GET, 1)))
                .isEqualTo(new Verdict(Blame.HARD, Retry.NO, 502, "Reached max retries limit"));
        assertThat(new RetryPolicy(1).decide(new TimedOut(false), GET).message())
                .isEqualTo("Backend timed out");
        assertThat(new RetryPolicy(1).decide(new NoFreeSocket("full"), GET).message())
                .isEqualTo("full");
    }

    @Test
    void asksNoWitnessWhereThereAreNoRetries() {
        Verdict verdict = new RetryPolicy(0).decide(new NoResponse("ECONNRESET"), GET);

        assertThat(verdict).isEqualTo(new Verdict(Blame.SOFT, Retry.NO, 502, "Retry on error is disabled"));
    }

    private static Facts retried(Facts facts, int times) {
        return new Facts(facts.idempotent(), facts.bodyKept(), facts.clientOwes(), times, facts.dropped());
    }

    private static Facts owed(Facts facts) {
        return new Facts(facts.idempotent(), facts.bodyKept(), true, facts.retried(), facts.dropped());
    }

    private static Facts dropped(Facts facts) {
        return new Facts(facts.idempotent(), facts.bodyKept(), facts.clientOwes(), facts.retried(), true);
    }
}
