package io.hipache.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParsedEntriesTest {

    private final ParsedEntries parsed = new ParsedEntries();

    @Test
    void parsesAnEntryOnce() {
        BackendUrl first = parsed.parse("http://a:80");

        BackendUrl second = parsed.parse(new String("http://a:80"));

        assertThat(first).isEqualTo(BackendUrl.parse("http://a:80"));
        assertThat(second).isSameAs(first);
    }

    @Test
    void tellsEntriesOfOneSlotApart() {
        String entry = "http://Aa:80";
        String sameHash = "http://BB:80";
        assertThat(entry).hasSameHashCodeAs(sameHash);

        assertThat(parsed.parse(entry)).isEqualTo(BackendUrl.parse(entry));
        assertThat(parsed.parse(sameHash)).isEqualTo(BackendUrl.parse(sameHash));
        assertThat(parsed.parse(entry)).isEqualTo(BackendUrl.parse(entry));
    }

    @Test
    void keepsNoLongEntry() {
        String entry = "http://a/" + "x".repeat(200);

        assertThat(parsed.parse(entry)).isEqualTo(BackendUrl.parse(entry)).isNotSameAs(parsed.parse(entry));
    }

    @Test
    void refusesWhatIsNoUrl() {
        assertThat(parsed.parse("ftp://a")).isNull();
        assertThat(parsed.parse("ftp://a")).isNull();
    }
}
