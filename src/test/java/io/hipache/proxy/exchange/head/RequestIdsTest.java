package io.hipache.proxy.exchange.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.Heads;
import io.hipache.proxy.exchange.head.RequestIds.Rule;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final IdSource source = new IdSource(7, () -> 0x0190163d8694L);

    @Test
    void areTheirsWhereATrustedProxyHasGivenOne() {
        assertThat(ids("X-Request-Id: a-1", true, false).requestId()).isEqualTo("a-1");
        assertThat(ids("X-Request-Id: a-1", false, false).requestId()).startsWith("0190163d-8694-7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Request-Id: a b",
                "X-Request-Id:",
                "X-Request-Id: a\"b",
                "X-Request-Id: a\\b",
                "X-Request-Id: a,b",
                "X-Request-Id: a|X-Request-Id: a",
                "X-Request-Id: 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
                        + "67890123456789012345678901234567890123456789",
            })
    void areMadeInsteadOfThoseThatNoLogCanHold(String fields) {
        assertThat(ids(fields, true, false).requestId()).hasSize(36);
    }

    @Test
    void areUuidsThatSortByTime() {
        Set<UUID> all = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            UUID id = UUID.fromString(ids("A: b", true, false).requestId());
            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(0x0190163d8694L);
            all.add(id);
        }
        assertThat(all).hasSize(1_000);
    }

    @Test
    void areNoneWhereTheProxyHasNothingToDoWithThem() {
        RequestIds ids =
                RequestIds.of(Heads.request("GET / HTTP/1.1|X-Request-Id: a").fields(), true, Rule.OFF, false, source);

        assertThat(ids).isEqualTo(new RequestIds("", "", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TRACE,
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            })
    void keepATrace(String trace) {
        RequestIds ids = ids("traceparent: " + trace, false, true);

        assertThat(ids.traceParent()).isEqualTo(trace);
        assertThat(ids.traceMade()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-a b",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                TRACE + "|traceparent: " + TRACE,
            })
    void haveNoTraceWhereNobodyCouldReadIt(String trace) {
        assertThat(ids("traceparent: " + trace, true, false)).returns("", RequestIds::traceParent);
        assertThat(ids("traceparent: " + trace, true, true).traceMade()).isTrue();
    }

    @Test
    void makeATraceWhereTracingAsksForIt() {
        RequestIds ids = ids("A: b", false, true);

        assertThat(ids.traceMade()).isTrue();
        assertThat(ids.traceParent()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        // what is made is what would be kept
        assertThat(ids("traceparent: " + ids.traceParent(), false, true).traceMade())
                .isFalse();
    }

    private RequestIds ids(String fields, boolean trusted, boolean tracing) {
        return RequestIds.of(
                Heads.request("GET / HTTP/1.1|Host: h|" + fields).fields(), trusted, Rule.PASS, tracing, source);
    }
}
