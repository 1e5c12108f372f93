package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.accesslog.AccessLogOptions;
import io.hipache.link.WorkerMessage;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.ExchangeEnds;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AccessLogSenderTest {
    private static final AccessLogOptions HIPACHE =
            new AccessLogOptions(AccessLogOptions.Format.HIPACHE, true, true, false);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<String> batches = new ArrayList<>();
    private boolean supervisorTakes = true;
    private final AccessLogSender sender = new AccessLogSender(loop.eventLoop(), HIPACHE, this::offer);

    AccessLogSenderTest() {
        loop.freezeTime();
    }

    @Test
    void sendsAFewLinesTogetherAfterAWhile() {
        sender.accept(entry("/one"));
        sender.accept(entry("/two"));
        assertThat(batches).isEmpty();

        advance(AccessLogSender.LONGEST_WAIT_MILLIS);

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).lines()).hasSize(2).first().asString().contains("GET /one");
    }

    @Test
    void sendsAFullBatchAtOnce() {
        String longTarget = "/" + "x".repeat(1000);

        for (int i = 0; i < 60; i++) {
            sender.accept(entry(longTarget));
        }

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0))
                .hasSizeGreaterThanOrEqualTo(AccessLogSender.BATCH_BYTES)
                .endsWith("\n");
    }

    @Test
    void sendsWhatComesAfterABatchToo() {
        sender.accept(entry("/one"));
        advance(AccessLogSender.LONGEST_WAIT_MILLIS);

        sender.accept(entry("/two"));
        advance(AccessLogSender.LONGEST_WAIT_MILLIS);

        assertThat(batches).hasSize(2);
        assertThat(batches.get(1)).contains("/two").doesNotContain("/one");
    }

    @Test
    void dropsWhatTheSupervisorDoesNotTake() {
        supervisorTakes = false;
        sender.accept(entry("/lost"));
        sender.flush();

        supervisorTakes = true;
        sender.accept(entry("/kept"));
        sender.flush();

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0)).contains("/kept").doesNotContain("/lost");
    }

    @Test
    void sendsNothingWhenNothingHappened() {
        sender.flush();

        assertThat(batches).isEmpty();
    }

    private boolean offer(WorkerMessage.AccessLog message) {
        if (supervisorTakes) {
            batches.add(StandardCharsets.US_ASCII.decode(message.lines()).toString());
        }
        return supervisorTakes;
    }

    private void advance(long millis) {
        loop.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
    }

    private static ExchangeEnd entry(String target) {
        return ExchangeEnds.answered("::1", 0, "GET " + target + " HTTP/1.1", 200, 0, "", "", "site", 0, 0);
    }
}
