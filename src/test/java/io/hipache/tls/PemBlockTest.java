package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemBlockTest {

    @Test
    void findsBlocksBetweenAnyOtherText() {
        String text = "-----BEGIN -----BEGIN A B-----\n-x--\n-----END A B-----junk-----BEGIN a-----1-----END a-----"
                + "-----BEGIN A-----2-----END B----------BEGIN C-----3-----BEGIN D-----4-----END D-----";

        assertThat(PemBlock.all(text)).extracting(PemBlock::label).containsExactly("A B", "D");
        assertThat(PemBlock.all(text)).extracting(PemBlock::text).containsExactly("\n-x--\n", "4");
    }

    /** Each of them has as many bytes as a field in the store may have. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN X-----",
                "-----BEGIN ",
                "-",
                "-----BEGIN X-----\n-----END Y-----",
                "-----BEGIN X-----\n---- -----END",
                "-----BEGIN X-----A-----END X-----"
            })
    void takesNoLongerForATextThatIsMeantToTakeLong(String piece) {
        String text = piece.repeat(64 * 1024 / piece.length()) + "-----END Z-----";

        int blocks = assertTimeoutPreemptively(
                Duration.ofSeconds(2), () -> PemBlock.all(text).size());

        assertThat(blocks).isEqualTo(piece.endsWith("-----END X-----") ? text.split("BEGIN").length - 1 : 0);
    }
}
