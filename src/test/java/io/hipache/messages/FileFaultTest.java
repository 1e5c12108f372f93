package io.hipache.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileFaultTest {

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/a"), "no such file or folder"),
                Arguments.of(new AccessDeniedException("/a"), "permission denied"),
                Arguments.of(new FileSystemException("/a", null, "Read-only file system"), "read-only file system"),
                Arguments.of(new FileSystemException("/a"), "/a"),
                Arguments.of(new IOException("is too large"), "is too large"),
                Arguments.of(new IOException(), "IOException"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void saysWhatIsWrongInWords(IOException fault, String words) {
        assertThat(FileFault.words(fault)).isEqualTo(words);
    }
}
