package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text of a file, or of a field that a tenant wrote. */
class PemBlockTest {

    @Test
    void findsEveryBlockWithAnyTextBetweenThem() {
        String text = "subject\n" + PemBlock.write("CERTIFICATE", new byte[] {1}) + "-----BEGIN-----\n"
                + PemBlock.write("EC PRIVATE KEY", new byte[] {2});

        List<PemBlock> blocks = PemBlock.all(text);

        assertThat(blocks).extracting(PemBlock::label).containsExactly("CERTIFICATE", "EC PRIVATE KEY");
        assertThat(blocks).extracting(PemBlock::text).containsExactly("\nAQ==\n", "\nAg==\n");
    }

    @ParameterizedTest
    @CsvSource({
        "-----BEGIN A-----x-----END B-----",
        "-----BEGIN A-----x-----END A----",
        "-----BEGIN A----x-----END A-----",
        "-----BEGIN a-----x-----END a-----",
        "-----BEGIN -----x-----END -----",
        "-----BEGIN A-----x",
        "-----BEGIN ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJK-----x-----END"
                + " ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJK-----",
    })
    void findsNothingInWhatIsNoBlock(String text) {
        assertThat(PemBlock.all(text)).isEmpty();
    }

    @Test
    void goesOnBehindABlockThatDoesNotEnd() {
        List<PemBlock> blocks = PemBlock.all("-----BEGIN A-----x-----BEGIN B-----y-----END B-----");

        assertThat(blocks).containsExactly(new PemBlock("B", "y"));
    }

    /** A regular expression ran out of stack on 20,000 of these. */
    @Test
    void readsABlockOfDashes() {
        String dashes = "-a".repeat(500_000);

        List<PemBlock> blocks = PemBlock.all("-----BEGIN A-----" + dashes + "-----END A-----");

        assertThat(blocks).containsExactly(new PemBlock("A", dashes));
    }

    @Test
    @Timeout(10)
    void isNotHeldUpByBeginningsWithoutAnEnd() {
        String beginnings = "-----BEGIN A-----".repeat(60_000);

        assertThat(PemBlock.all(beginnings)).isEmpty();
        assertThat(PemBlock.all(beginnings + "-----END B-----")).isEmpty();
    }
}
