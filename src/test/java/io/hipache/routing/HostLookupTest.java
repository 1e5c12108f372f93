package io.hipache.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostLookupTest {

    @Test
    void looksUpTheHostThenEachWildcardFromLongestToShortestThenTheCatchAll() {
        HostLookup lookup = HostLookup.of("foo.bar.baz.qux.quux", "foo.bar.baz.qux.quux", false);

        assertThat(lookup.names())
                .containsExactly(
                        "foo.bar.baz.qux.quux", "*.bar.baz.qux.quux", "*.baz.qux.quux", "*.qux.quux", "*.quux", "*");
    }

    @ParameterizedTest
    @CsvSource({"a.b.c.d.e.f", "x.a.b.c.d.e.f", "z.y.x.a.b.c.d.e.f"})
    void makesWildcardsOfTheLastSixLabelsOnly(String host) {
        HostLookup lookup = HostLookup.of(host, host, false);

        assertThat(lookup.names()).containsExactly(host, "*.b.c.d.e.f", "*.c.d.e.f", "*.d.e.f", "*.e.f", "*.f", "*");
    }

    @Test
    void looksUpASingleLabelAndTheCatchAll() {
        assertThat(HostLookup.of("localhost", "localhost", false).names()).containsExactly("localhost", "*");
    }

    @Test
    void makesNoWildcardOfAnAddressInBrackets() {
        assertThat(HostLookup.of("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", false).names())
                .containsExactly("[::ffff:1.2.3.4]", "*");
    }

    @Test
    void asksForTheCatchAllOnlyOnceWhenItIsTheHost() {
        assertThat(HostLookup.of("*", "*", false).names()).containsExactly("*");
    }

    @Test
    void triesEachNameAsWrittenAfterItsLowerCase() {
        HostLookup lookup = HostLookup.of("www.foo.bar", "Www.Foo.bar", false);

        assertThat(lookup.requestedHost()).isEqualTo("www.foo.bar");
        assertThat(lookup.names())
                .containsExactly("www.foo.bar", "Www.Foo.bar", "*.foo.bar", "*.Foo.bar", "*.bar", "*");
        assertThat(lookup.spellings()).isEqualTo(2);
    }

    @Test
    void keepsTheDeadSetUnderTheRequestedHostUnlessOnlyTheNameAsWrittenMatched() {
        HostLookup lookup = HostLookup.of("www.foo.bar", "Www.Foo.bar", false);

        assertThat(lookup.deadHost("www.foo.bar")).isEqualTo("www.foo.bar");
        assertThat(lookup.deadHost("Www.Foo.bar")).isEqualTo("Www.Foo.bar");
        assertThat(lookup.deadHost("*.Foo.bar")).isEqualTo("www.foo.bar");
        assertThat(lookup.deadHost("*")).isEqualTo("www.foo.bar");
    }

    @Test
    void keepsTheDeadSetUnderTheNameThatMatchedWhereItIsAskedTo() {
        HostLookup lookup = HostLookup.of("www.foo.bar", "Www.Foo.bar", true);

        assertThat(lookup.names())
                .allSatisfy(name -> assertThat(lookup.deadHost(name)).isEqualTo(name));
        assertThat(lookup.deadSets()).isEqualTo(lookup.names().size());
    }

    @Test
    void hasOneSpellingWithoutCapitals() {
        assertThat(HostLookup.of("www.foo.bar", "www.foo.bar", false).spellings())
                .isEqualTo(1);
        assertThat(HostLookup.of("*", "*", false).spellings()).isEqualTo(1);
    }
}
