package io.hipache.config;

import static io.hipache.config.Loading.config;
import static io.hipache.config.Loading.problems;
import static io.hipache.config.Loading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminKeysTest {

    @Test
    void writesNeedAToken(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3cret");

        assertThat(problems("{'server': {'admin': {'port': 9180, 'write': true}}}"))
                .containsExactly("server.admin.write: needs server.admin.token or server.admin.tokenFile");
        assertThat(admin("'port': 9180, 'write': true, 'token': 's3cret'").write())
                .isTrue();
        assertThat(admin("'port': 9180, 'write': true, 'tokenFile': '" + file + "'")
                        .token())
                .isEqualTo("s3cret");
        assertThat(admin("'port': 9180, 'token': 's3cret'").write()).isFalse();
    }

    @Test
    void warnsOfATokenThatCrossesTheNetwork() throws Exception {
        String remote = "{'server': {'admin': {'address': '10.0.0.1', 'port': 9180, 'token': 'x', 'write': true}}}";

        assertThat(warnings(remote)).singleElement().asString().startsWith("server.admin.write: the token crosses");
        assertThat(warnings(remote.replace("10.0.0.1", "127.0.0.1"))).isEmpty();
    }

    private static HipacheConfig.Admin admin(String keys) throws Exception {
        return Objects.requireNonNull(
                config("{'server': {'admin': {" + keys + "}}}").server().admin());
    }
}
