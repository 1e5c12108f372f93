package io.hipache.driver.lookup;

import io.hipache.driver.redis.PlainRequest;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.Request;
import io.hipache.driver.redis.Resp;
import io.hipache.driver.redis.WireCommand;
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
 * The look-ups of one turn of the event loop as one transaction, for a server that refuses scripts: the same snapshot,
 * at about twice the work for us.
 */
final class LookupTransaction {

    private static final PlainRequest.Outcome QUEUED = (value, error) -> {};
    private static final String LAST = Integer.toString(RowsDecoder.MAX_ENTRIES - 1);

    private LookupTransaction() {}

    /**
     * The commands; what comes of the last one is told to {@code batch}, the rows are in {@code decoder} by then.
     */
    static List<WireCommand> commands(RedisKeys keys, List<PendingRead> reads, RowsDecoder decoder, Request batch) {
        List<WireCommand> commands = new ArrayList<>();
        commands.add(PlainRequest.command(QUEUED, "MULTI"));
        for (PendingRead read : reads) {
            HostLookup lookup = read.lookup();
            for (String name : lookup.names()) {
                commands.add(PlainRequest.command(QUEUED, "LRANGE", keys.frontend(name), "0", LAST));
            }
            for (String host : lookup.names().subList(0, lookup.deadSets())) {
                commands.add(PlainRequest.command(QUEUED, "SMEMBERS", keys.dead(host)));
            }
        }
        commands.add(new WireCommand(new Exec(batch), new Reply(reads, decoder)));
        return commands;
    }

    /** The last command in the name of all of them. */
    private record Exec(Request batch) implements Request {

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

    /** Reads the reply to EXEC: every list of every look-up, followed by its dead sets. */
    private static final class Reply extends CommandOutput<String, String, Void> {

        private final List<PendingRead> reads;
        private final RowsDecoder decoder;
        private boolean begun;
        private int part;
        private int left;
        private boolean wanted;
        private int matched;
        private @Nullable String listError;
        private @Nullable String deadSetError;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply(List<PendingRead> reads, RowsDecoder decoder) {
            super(StringCodec.UTF8, null);
            this.reads = reads;
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
                decoder.fail(listError);
            }
            part = 0;
            listError = null;
            deadSetError = null;
        }

        private HostLookup lookup() {
            return reads.get(decoder.results().size()).lookup();
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
