package io.hipache.driver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import java.util.List;
import org.junit.jupiter.api.Test;

class LookupQueueTest {

    private final LookupQueue queue = new LookupQueue();

    @Test
    void endsThoseThatAreDoneBehindOneThatIsNot() {
        PendingLookup first = waiting("first");
        PendingLookup second = waiting("second");
        second.unavailable("from memory");

        queue.dropAllDone();
        queue.ended(first);

        assertThat(queue.isEmpty()).isTrue();
    }

    private PendingLookup waiting(String host) {
        PendingLookup lookup = new PendingLookup(new HostLookup(host, List.of(host)), new Ignored(), Long.MAX_VALUE);
        queue.begun(lookup);
        queue.await(lookup);
        return lookup;
    }

    private static final class Ignored implements ReadCallback {

        @Override
        public void rows(Rows rows) {}

        @Override
        public void tooLarge() {}

        @Override
        public void wrongType() {}

        @Override
        public void unavailable(String reason) {}
    }
}
