package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.channels.NotYetConnectedException;
import org.junit.jupiter.api.Test;

class UnconnectedTest {

    @Test
    void letsNothingReachTheEndOfThePipelineWhereItWouldBeLoggedWithAStackTrace() {
        EmbeddedChannel connecting = new EmbeddedChannel(new Unconnected());

        connecting.pipeline().fireExceptionCaught(new NotYetConnectedException());

        assertThatCode(connecting::checkException).doesNotThrowAnyException();
    }
}
