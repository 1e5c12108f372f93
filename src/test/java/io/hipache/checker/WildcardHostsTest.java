package io.hipache.checker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WildcardHostsTest {

    private final WildcardHosts hosts = new WildcardHosts();

    @Test
    void followsSomeHostsOfAWildcardAndDropsTheEldest() {
        for (int i = 0; i < WildcardHosts.MOST_PER_BACKEND; i++) {
            assertThat(hosts.add(listing("h" + i + ".example", "*.example"))).isNull();
        }

        assertThat(hosts.add(listing("one.more.example", "*.example"))).isEqualTo(listing("h0.example", "*.example"));

        assertThat(hosts.isFirst(listing("h1.example", "*.example"))).isTrue();
        assertThat(hosts.isFirst(listing("h2.example", "*.example"))).isFalse();
    }

    @Test
    void forgetsAHostThatIsRemoved() {
        hosts.add(listing("a.example", "*.example"));
        hosts.add(listing("b.example", "*.example"));

        hosts.remove(listing("a.example", "*.example"));

        assertThat(hosts.isFirst(listing("b.example", "*.example"))).isTrue();
    }

    @Test
    void hostsWithListsOfTheirOwnAreNotLimited() {
        for (int i = 0; i <= WildcardHosts.MOST_PER_BACKEND; i++) {
            Listing listing = listing("h" + i + ".example", "h" + i + ".example");
            assertThat(hosts.add(listing)).isNull();
            assertThat(hosts.isFirst(listing)).isTrue();
        }
    }

    private static Listing listing(String host, String frontend) {
        Announcement announced = requireNonNull(Announcement.parse(host + ";http://10.0.0.1/;0;2"));
        return new Listing(announced, frontend, "http://10.0.0.1", announced.url());
    }
}
