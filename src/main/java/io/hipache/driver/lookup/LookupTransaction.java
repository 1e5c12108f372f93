package io.hipache.driver.lookup;

import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.Resp;
import io.hipache.routing.HostLookup;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The look-ups of one turn of the event loop as one transaction, for a server that refuses scripts. It reads one snapshot as
 * well. It follows a {@link LookupMeasure}, at about three times the work for this process.
 */
final class LookupTransaction {

    private LookupTransaction() {}

    /** The commands. {@code batch} is called with the end of the last one, when {@code decoder} has all rows. */
    static List<RedisCommand> commands(
            RedisKeys keys, LookupBounds bounds, List<LookupMeasure> lookups, RowsDecoder decoder, RedisCommand batch) {
        String last = Integer.toString(bounds.entries() - 1);
        List<Part> parts = new ArrayList<>();
        List<RedisCommand> commands = new ArrayList<>();
        Refusals refusals = new Refusals();
        commands.add(new PlainCommand(refusals, "MULTI"));
        for (LookupMeasure measured : lookups) {
            Part part =
                    new Part(measured.pending().lookup(), measured.names(), measured.deadSets(), measured.isComplete());
            parts.add(part);
            for (String name : part.names()) {
                commands.add(new PlainCommand(refusals, "LRANGE", keys.frontend(name), "0", last));
            }
            for (String host : part.deadSets()) {
                commands.add(new PlainCommand(refusals, "SMEMBERS", keys.dead(host)));
            }
        }
        commands.add(new Exec(batch, new Reply(parts, decoder), refusals));
        return commands;
    }

    /**
     * Why the server did not even take a command, such as a right that is missing. EXEC says only that this was so (EXECABORT), or,
     * when MULTI was refused, that there is no transaction.
     */
    private static final class Refusals implements PlainCommand.ReplyCallback {
        private @Nullable String first;

        @Override
        public void replied(@Nullable String value, @Nullable String error) {
            first = first == null ? error : first;
        }

        @Nullable
        String instead(@Nullable String error) {
            return error != null && first != null ? first : error;
        }
    }

    /** What the transaction reads for one look-up: the lists of these names, then these dead sets. */
    private record Part(HostLookup lookup, List<String> names, List<String> deadSets, boolean complete) {

        int size() {
            return names.size() + deadSets.size();
        }

        /** Whether the dead set of {@code host} counts for the frontend under {@code name}. */
        boolean counts(String host, String name) {
            int matched = lookup.names().indexOf(name);
            boolean wildcard = matched >= lookup.spellings();
            boolean own = host.equals(name) && (!wildcard || lookup.matchedKey());
            return own || (wildcard && host.equals(lookup.names().get(0)));
        }

        /** Whether a dead set that counts was left out because it is over a bound. */
        boolean missesDeadSet(String name) {
            List<String> all = lookup.names().subList(0, lookup.deadSets());
            return all.stream().anyMatch(host -> counts(host, name) && !deadSets.contains(host));
        }
    }

    /** The last command. Its reply is the reply of the whole batch. */
    private record Exec(RedisCommand batch, Reply output, Refusals refusals) implements RedisCommand {

        @Override
        public void encode(ByteBuf out) {
            Resp.array(out, 1);
            Resp.bulk(out, "EXEC");
        }

        @Override
        public void answered(@Nullable String error) {
            batch.answered(refusals.instead(error));
        }

        @Override
        public void failed(Throwable cause) {
            batch.failed(cause);
        }
    }

    /** Reads the reply to EXEC: for each look-up its lists, then its dead sets. */
    private static final class Reply extends CommandOutput<String, String, Void> {

        private final List<Part> parts;
        private final RowsDecoder decoder;
        private boolean begun;
        private int position;
        private int left;
        private boolean wanted;
        private String matched = "";
        private @Nullable String listError;
        private String unreadable = "";
        private @Nullable String deadSetError;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply(List<Part> parts, RowsDecoder decoder) {
            super(StringCodec.UTF8, null);
            this.parts = parts;
            this.decoder = decoder;
        }

        @Override
        public void multi(int count) {
            if (!begun) {
                begun = true;
                return;
            }
            wanted = inDeadSets() ? isDeadSetOfMatch() : count > 0 && listError == null && !decoder.hasFrontend();
            if (wanted && !inDeadSets()) {
                matched = part().names().get(position);
                decoder.frontend(matched, count);
            }
            left = count;
            if (count <= 0) {
                endPosition();
            }
        }

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            if (wanted && bytes != null) {
                if (inDeadSets()) {
                    decoder.dead(bytes);
                } else {
                    decoder.entry(bytes);
                }
            }
            if (--left == 0) {
                endPosition();
            }
        }

        @Override
        public void setError(ByteBuffer message) {
            String text = StandardCharsets.UTF_8.decode(message).toString();
            if (!begun) {
                setError(text);
                return;
            }
            if (inDeadSets()) {
                deadSetError = isDeadSetOfMatch() ? text : deadSetError;
            } else if (listError == null && !decoder.hasFrontend()) {
                listError = text;
                unreadable = part().names().get(position);
            }
            endPosition();
        }

        private void endPosition() {
            position++;
            if (position < part().size()) {
                return;
            }
            if (listError != null) {
                decoder.fail(unreadable, listError);
            } else if (!decoder.hasFrontend() && !part().complete()) {
                // the list went away between the measure and this transaction, and another one may count now
                decoder.later();
            } else if (decoder.hasFrontend() && deadSetError == null && part().missesDeadSet(matched)) {
                decoder.finish(RowsDecoder.TOO_LARGE);
            } else {
                decoder.finish(deadSetError);
            }
            position = 0;
            listError = null;
            deadSetError = null;
        }

        private Part part() {
            return parts.get(decoder.results().size());
        }

        private boolean inDeadSets() {
            return position >= part().names().size();
        }

        private boolean isDeadSetOfMatch() {
            return decoder.hasFrontend()
                    && part().counts(
                                    part().deadSets()
                                            .get(position - part().names().size()),
                                    matched);
        }
    }
}
