package io.hipache.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackendTest {
    @Test
    void isWrittenAsAFrontendNamesIt() {
        assertThat(new Backend(false, "b", 81)).hasToString("http://b:81");
        assertThat(new Backend(true, "::1", 443)).hasToString("https://[::1]:443");
    }
}
