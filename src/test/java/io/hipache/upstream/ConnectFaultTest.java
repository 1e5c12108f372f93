package io.hipache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectFaultTest {

    /** In the words in which Netty's native transport says it. */
    @ParameterizedTest
    @CsvSource({
        "connect(..) failed with error(-99): Cannot assign requested address, true",
        "connect(..) failed with error(-11): Resource temporarily unavailable, true",
        "connect(..) failed with error(-105): No buffer space available, true",
        "connect(..) failed with error(-12): Cannot allocate memory, true",
        "connect(..) failed with error(-111): Connection refused, false",
        "connect(..) failed with error(-110): Connection timed out, false",
        "connect(..) failed with error(-101): Network is unreachable, false"
    })
    void tellsTroubleOfThisMachineFromThatOfABackend(String words, boolean local) {
        assertThat(ConnectFault.isLocal(new ConnectException(words))).isEqualTo(local);
    }
}
