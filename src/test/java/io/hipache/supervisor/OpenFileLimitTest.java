package io.hipache.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFileLimitTest {
    private static final String HEAD = "Limit                     Soft Limit           Hard Limit           Units";

    @Test
    void warnsOfALimitThatIsSmallForAProxy() {
        assertThat(OpenFileLimit.warning(
                        List.of(HEAD, "Max open files            1024                 1024                 files")))
                .get()
                .asString()
                .contains("1024 files only", "about 512 requests");
    }

    @Test
    void isSilentAboutOneThatIsEnough() {
        assertThat(OpenFileLimit.warning(
                        List.of(HEAD, "Max open files            65536                65536                files")))
                .isEmpty();
        assertThat(OpenFileLimit.warning(
                        List.of(HEAD, "Max open files            unlimited            unlimited            files")))
                .isEmpty();
        assertThat(OpenFileLimit.warning(
                        List.of(HEAD, "Max open files            1073741816           1073741816           files")))
                .isEmpty();
        assertThat(OpenFileLimit.warning(List.of(HEAD))).isEmpty();
    }
}
