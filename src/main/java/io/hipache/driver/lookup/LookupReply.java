package io.hipache.driver.lookup;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the reply to a {@link LookupScript}: for each look-up {@code 0} when nothing was found, an error, or the
 * position of the name that was found, its list, and the dead set. Lettuce calls it once for every element.
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
        DEAD
    }

    private final List<PendingRead> reads;
    private final RowsDecoder decoder;
    private Next next = Next.BATCH;
    private int left;

    @SuppressWarnings("NullAway") // Lettuce allows an output without a value
    LookupReply(List<PendingRead> reads, RowsDecoder decoder) {
        super(StringCodec.UTF8, null);
        this.reads = reads;
        this.decoder = decoder;
    }

    @Override
    public void multi(int count) {
        switch (next) {
            case BATCH -> next = Next.LOOKUP;
            case LOOKUP -> next = Next.POSITION;
            case LIST -> {
                decoder.frontend(name(), count);
                begin(Next.ENTRY, count, Next.DEAD_SET);
            }
            case DEAD_SET -> {
                if (count == 0) {
                    finish(null);
                } else {
                    begin(Next.DEAD, count, Next.LOOKUP);
                }
            }
            default -> throw unexpected();
        }
    }

    @Override
    public void set(long number) {
        switch (next) {
            case LOOKUP -> finish(null);
            case POSITION -> {
                left = (int) number;
                next = Next.LIST;
            }
            default -> throw unexpected();
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
                if (--left == 0) {
                    finish(null);
                }
            }
            default -> throw unexpected();
        }
    }

    @Override
    public void setError(ByteBuffer message) {
        String text = StandardCharsets.UTF_8.decode(message).toString();
        switch (next) {
            case LOOKUP -> decoder.fail(text);
            case DEAD_SET -> finish(text);
            default -> setError(text);
        }
    }

    private String name() {
        return reads.get(decoder.results().size()).lookup().names().get(left - 1);
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
