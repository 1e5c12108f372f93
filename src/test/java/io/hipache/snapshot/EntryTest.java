package io.hipache.snapshot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryTest {

    private static final Entry ENTRY = entry("föö.bar", 7, "site", "http://a:80", "");

    static Entry entry(String name, long millis, String... texts) {
        return requireNonNull(Entry.of(Entry.Kind.FRONTEND, name, millis, List.of(texts)));
    }

    static byte[] bytes(Entry entry) {
        ByteBuffer bytes = ByteBuffer.allocate(entry.length());
        entry.write(bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    @Test
    void readsWhatItWrote() throws Exception {
        Entry read = Entry.read(ByteBuffer.wrap(bytes(ENTRY)));

        assertThat(read).isEqualTo(ENTRY);
        assertThat(read.kind()).isEqualTo(Entry.Kind.FRONTEND);
        assertThat(read.name()).isEqualTo("föö.bar");
        assertThat(read.knownMillis()).isEqualTo(7);
        assertThat(read.texts()).containsExactly("site", "http://a:80", "");
    }

    @Test
    void refusesEachPartOfAnEntry() {
        byte[] bytes = bytes(ENTRY);

        for (int length = 0; length < bytes.length; length++) {
            ByteBuffer part = ByteBuffer.wrap(bytes, 0, length);
            assertThatThrownBy(() -> Entry.read(part))
                    .as("of %s bytes", length)
                    .isInstanceOf(MalformedEntryException.class);
        }
    }

    /** Length, kind, time, length of the name, number of texts, length of a text: each with a value that does not fit. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 13, 14, 15, 16, 26, 27, 28, 29, 30, 31, 32, 33})
    void refusesFieldsThatDoNotFit(int at) {
        byte[] bytes = bytes(ENTRY);
        bytes[at] ^= (byte) 0x85;

        assertThatThrownBy(() -> Entry.read(ByteBuffer.wrap(bytes))).isInstanceOf(MalformedEntryException.class);
    }

    @Test
    void isNotMadeWhenItWouldBeTooLong() {
        assertThat(Entry.of(Entry.Kind.FRONTEND, "a", 0, List.of("x".repeat(Entry.MAX_BYTES))))
                .isNull();
        assertThat(Entry.of(Entry.Kind.FRONTEND, "a".repeat(Entry.MAX_NAME_BYTES + 1), 0, List.of()))
                .isNull();
        assertThat(Entry.of(Entry.Kind.FRONTEND, "", 0, List.of())).isNull();
    }

    @Test
    void showsNoTextInALogLine() {
        assertThat(requireNonNull(Entry.of(Entry.Kind.CERTIFICATE, "a.b", 1, List.of("cert", "s3cret"))))
                .hasToString("CERTIFICATE[a.b]");
    }
}
