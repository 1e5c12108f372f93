package io.hipache.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MisbehaviourTest {
    private final TestBackend backend = TestBackend.start();
    private final RawClient client = RawClient.connect(backend.port());

    @AfterEach
    void closeBoth() {
        client.close();
        backend.close();
    }

    @ParameterizedTest
    @MethodSource
    void resets(Misbehaviour misbehaviour) {
        backend.misbehaves(misbehaviour);

        client.get("a", "/").expectReset();
    }

    static Stream<Misbehaviour> resets() {
        return Stream.of(
                new Misbehaviour.ResetBeforeHead(),
                new Misbehaviour.ResetDuringRequest(),
                new Misbehaviour.ResetAfterHead());
    }

    @Test
    void resetsAConnectionAsSoonAsItIsThere() {
        backend.misbehaves(new Misbehaviour.ResetOnConnect());

        assertThatThrownBy(this::getOnAConnectionOfItsOwn)
                .isInstanceOfAny(UncheckedIOException.class, AssertionError.class);
        assertThat(backend.requests()).isEmpty();
    }

    private void getOnAConnectionOfItsOwn() {
        try (RawClient other = RawClient.connect(backend.port())) {
            other.get("a", "/").readResponse();
        }
    }

    @Test
    void sendsTheWholeHeadBeforeItResets() {
        backend.misbehaves(new Misbehaviour.ResetAfterHead());

        ReceivedResponse broken = client.get("a", "/").readBrokenResponse();

        assertThat(broken.header("content-length")).isEqualTo("10");
        assertThat(broken.body()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void breaksOffInTheBody(Misbehaviour misbehaviour) {
        backend.misbehaves(misbehaviour);

        ReceivedResponse broken = client.get("a", "/").readBrokenResponse();

        assertThat(broken.body()).isEqualTo("hello");
    }

    static Stream<Misbehaviour> breaksOffInTheBody() {
        return Stream.of(new Misbehaviour.HalfBody(), new Misbehaviour.HalfChunkedBody());
    }

    @Test
    void closesWithoutAnAnswer() {
        backend.misbehaves(new Misbehaviour.CloseBeforeHead());

        client.get("a", "/").expectClosed();
    }

    @ParameterizedTest
    @MethodSource
    void sendsNoWholeResponse(Misbehaviour misbehaviour) {
        backend.misbehaves(misbehaviour);
        client.get("a", "/");

        assertThatThrownBy(client::readResponse).isInstanceOf(AssertionError.class);
    }

    static Stream<Misbehaviour> sendsNoWholeResponse() {
        return Stream.of(new Misbehaviour.HalfHead(), new Misbehaviour.Garbage(), new Misbehaviour.TwoLengths());
    }

    @Test
    void switchesProtocolsUnasked() {
        backend.misbehaves(new Misbehaviour.UnaskedUpgrade());

        assertThat(client.get("a", "/").readHead().startLine()).startsWith("HTTP/1.1 101 ");
    }

    @ParameterizedTest
    @MethodSource
    void holdsTheConnectionUntilTheOtherSideLeaves(Misbehaviour misbehaviour) {
        backend.misbehaves(misbehaviour);
        client.get("a", "/");
        backend.awaitRequest();
        assertThat(backend.openConnections()).isEqualTo(1);

        client.close();

        await().untilAsserted(() -> assertThat(backend.openConnections()).isZero());
    }

    static Stream<Misbehaviour> holdsTheConnectionUntilTheOtherSideLeaves() {
        return Stream.of(new Misbehaviour.Stall(), new Misbehaviour.StallInBody());
    }
}
