package io.hipache.driver.lookup;

import io.hipache.routing.HostLookup;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the reply to the {@link LookupScript}. For each look-up it holds {@code 0} when there is no frontend, {@code -1} when the
 * look-up is to be sent again because this reply holds enough already, or else the position of the name that was found, its
 * list, and the indexes of its dead backends, as numbers or as they are stored. In place of a list there is the number of an
 * earlier look-up that has the same one, {@code 0} when the list is over a bound, or an error. An error may take the place of
 * the indexes as well. With times, each dead set comes for itself and begins with its {@code PTTL}. Lettuce calls this once for
 * every element.
 */
final class LookupReply extends CommandOutput<String, String, Void> {

    /** What the next element is. */
    private enum Next {
        BATCH,
        LOOKUP,
        POSITION,
        LIST,
        ENTRY,
        DEAD_SET,
        TIME,
        DEAD
    }

    private final List<PendingLookup> lookups;
    private final RowsDecoder decoder;
    private final boolean withTimes;
    private Next next = Next.BATCH;
    private int left;
    private int deadSets;
    private String name = "";

    @SuppressWarnings("NullAway") // Lettuce allows an output without a value
    LookupReply(List<PendingLookup> lookups, RowsDecoder decoder, boolean withTimes) {
        super(StringCodec.UTF8, null);
        this.lookups = lookups;
        this.decoder = decoder;
        this.withTimes = withTimes;
    }

    @Override
    public void multi(int count) {
        switch (next) {
            case BATCH -> next = Next.LOOKUP;
            case LOOKUP -> {
                deadSets = count - 2;
                next = Next.POSITION;
            }
            case LIST -> {
                decoder.frontend(name, count);
                begin(Next.ENTRY, count, Next.DEAD_SET);
            }
            case DEAD_SET -> {
                left = count;
                next = withTimes ? Next.TIME : Next.DEAD;
                if (count == 0) {
                    endDeadSet();
                }
            }
            default -> throw unexpected();
        }
    }

    @Override
    public void set(long number) {
        switch (next) {
            case LOOKUP -> {
                if (number == 0) {
                    finish(null);
                } else {
                    decoder.later();
                }
            }
            case POSITION -> {
                name = lookup().names().get((int) number - 1);
                next = Next.LIST;
            }
            case LIST -> listInstead((int) number);
            case TIME -> {
                decoder.deadSet(number);
                next = Next.DEAD;
                endDeadElement();
            }
            case DEAD -> {
                decoder.dead((int) number);
                endDeadElement();
            }
            default -> throw unexpected();
        }
    }

    private void endDeadElement() {
        if (--left == 0) {
            endDeadSet();
        }
    }

    private void endDeadSet() {
        if (--deadSets == 0) {
            finish(null);
        } else {
            next = Next.DEAD_SET;
        }
    }

    private void listInstead(int number) {
        if (number == 0) {
            decoder.tooLarge(name);
            next = Next.LOOKUP;
        } else {
            decoder.sameFrontend(name, number - 1);
            next = Next.DEAD_SET;
        }
    }

    @Override
    public void set(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            throw unexpected();
        }
        switch (next) {
            case ENTRY -> {
                decoder.entry(bytes);
                if (--left == 0) {
                    next = Next.DEAD_SET;
                }
            }
            case DEAD -> {
                decoder.dead(bytes);
                endDeadElement();
            }
            default -> throw unexpected();
        }
    }

    @Override
    public void setError(ByteBuffer message) {
        String text = StandardCharsets.UTF_8.decode(message).toString();
        switch (next) {
            case LIST -> {
                decoder.fail(name, text);
                next = Next.LOOKUP;
            }
            case DEAD_SET -> finish(text);
            case TIME -> {
                // the whole script ends as refused
                next = Next.DEAD;
                endDeadElement();
            }
            default -> setError(text);
        }
    }

    private HostLookup lookup() {
        return lookups.get(decoder.results().size()).lookup();
    }

    private void begin(Next element, int count, Next afterwards) {
        left = count;
        next = count > 0 ? element : afterwards;
    }

    private void finish(@Nullable String error) {
        decoder.finish(error);
        next = Next.LOOKUP;
    }

    private IllegalStateException unexpected() {
        return new IllegalStateException("unexpected element in a reply, wanted " + next);
    }
}
