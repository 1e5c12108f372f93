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
 * well, at about twice the work for this process.
 */
final class LookupTransaction {

    private static final PlainCommand.ReplyCallback QUEUED = (value, error) -> {};
    private static final String LAST = Integer.toString(RowsDecoder.MAX_ENTRIES - 1);

    private LookupTransaction() {}

    /** The commands. {@code batch} is called with the end of the last one, when {@code decoder} has all rows. */
    static List<RedisCommand> commands(
            RedisKeys keys, List<PendingLookup> lookups, RowsDecoder decoder, RedisCommand batch) {
        List<RedisCommand> commands = new ArrayList<>();
        commands.add(new PlainCommand(QUEUED, "MULTI"));
        for (PendingLookup pending : lookups) {
            HostLookup lookup = pending.lookup();
            for (String name : lookup.names()) {
                commands.add(new PlainCommand(QUEUED, "LRANGE", keys.frontend(name), "0", LAST));
            }
            for (String host : lookup.names().subList(0, lookup.deadSets())) {
                commands.add(new PlainCommand(QUEUED, "SMEMBERS", keys.dead(host)));
            }
        }
        commands.add(new Exec(batch, new Reply(lookups, decoder)));
        return commands;
    }

    /** The last command. Its reply is the reply of the whole batch. */
    private record Exec(RedisCommand batch, Reply output) implements RedisCommand {

        @Override
        public void encode(ByteBuf out) {
            Resp.array(out, 1);
            Resp.bulk(out, "EXEC");
        }

        @Override
        public void answered(@Nullable String error) {
            batch.answered(error);
        }

        @Override
        public void failed(Throwable cause) {
            batch.failed(cause);
        }
    }

    /** Reads the reply to EXEC: for each look-up the lists under all of its names, then its dead sets. */
    private static final class Reply extends CommandOutput<String, String, Void> {

        private final List<PendingLookup> lookups;
        private final RowsDecoder decoder;
        private boolean begun;
        private int part;
        private int left;
        private boolean wanted;
        private int matched;
        private @Nullable String listError;
        private String unreadable = "";
        private @Nullable String deadSetError;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply(List<PendingLookup> lookups, RowsDecoder decoder) {
            super(StringCodec.UTF8, null);
            this.lookups = lookups;
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
                matched = part;
                decoder.frontend(lookup().names().get(part), count);
            }
            left = count;
            if (count <= 0) {
                endPart();
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
                endPart();
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
                unreadable = lookup().names().get(part);
            }
            endPart();
        }

        private void endPart() {
            part++;
            HostLookup lookup = lookup();
            if (part < lookup.names().size() + lookup.deadSets()) {
                return;
            }
            if (listError == null) {
                decoder.finish(deadSetError);
            } else {
                decoder.fail(unreadable, listError);
            }
            part = 0;
            listError = null;
            deadSetError = null;
        }

        private HostLookup lookup() {
            return lookups.get(decoder.results().size()).lookup();
        }

        private boolean inDeadSets() {
            return part >= lookup().names().size();
        }

        private boolean isDeadSetOfMatch() {
            HostLookup lookup = lookup();
            int set = part - lookup.names().size();
            boolean wildcard = matched >= lookup.spellings();
            boolean own = set == matched && (!wildcard || lookup.matchedKey());
            return decoder.hasFrontend() && (own || (wildcard && set == 0));
        }
    }
}
