package io.hipache.driver.lookup;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.Resp;
import io.hipache.routing.HostLookup;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The look-ups of one turn of the event loop as one script: one command that reads one snapshot and returns only what routing
 * needs. The script writes nothing, so that a read-only replica runs it too.
 *
 * <p>{@code KEYS} holds for each look-up the keys of the lists under its names, then those of the dead sets that count.
 * {@code ARGV} holds for each look-up the number of its names, of its spellings and of its dead sets.
 */
final class LookupScript {

    private static final String SOURCE =
            """
            local replies, key = {}, 1
            for i = 1, #ARGV, 3 do
              local names, spellings, sets = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
              local dead = key + names
              local reply = 0
              for n = 1, names do
                local list = redis.pcall('LRANGE', KEYS[key + n - 1], 0, %d)
                if list.err then reply = {n, list} break end
                if #list > 0 then
                  if n <= spellings or sets == spellings then
                    reply = {n, list, redis.pcall('SMEMBERS', KEYS[dead + (n <= spellings and n - 1 or 0)])}
                  else
                    reply = {n, list, redis.pcall('SUNION', KEYS[dead], KEYS[dead + n - 1])}
                  end
                  break
                end
              end
              replies[#replies + 1] = reply
              key = dead + sets
            end
            return replies
            """
                    .formatted(RowsDecoder.MAX_ENTRIES - 1);

    private static final byte[] EVALSHA = ascii("EVALSHA");
    private static final byte[] EVAL = ascii("EVAL");
    private static final byte[] SOURCE_BYTES = ascii(SOURCE);
    private static final byte[] DIGEST = ascii(sha1(SOURCE_BYTES));

    private LookupScript() {}

    /**
     * Writes the command.
     *
     * @param withSource whether the command carries the source of the script, for a server that does not have it yet, or
     *     only its digest
     */
    static void encode(ByteBuf out, RedisKeys keys, List<PendingLookup> lookups, boolean withSource) {
        int count = 0;
        for (int i = 0; i < lookups.size(); i++) {
            HostLookup lookup = lookups.get(i).lookup();
            count += lookup.names().size() + lookup.deadSets();
        }
        Resp.array(out, 3 + count + 3 * lookups.size());
        Resp.bulk(out, withSource ? EVAL : EVALSHA);
        Resp.bulk(out, withSource ? SOURCE_BYTES : DIGEST);
        Resp.bulk(out, count);
        for (int i = 0; i < lookups.size(); i++) {
            encodeKeys(out, keys, lookups.get(i).lookup());
        }
        for (int i = 0; i < lookups.size(); i++) {
            HostLookup lookup = lookups.get(i).lookup();
            Resp.bulk(out, lookup.names().size());
            Resp.bulk(out, lookup.spellings());
            Resp.bulk(out, lookup.deadSets());
        }
    }

    private static void encodeKeys(ByteBuf out, RedisKeys keys, HostLookup lookup) {
        List<String> names = lookup.names();
        for (int n = 0; n < names.size(); n++) {
            Resp.bulk(out, keys.frontendPrefix(), names.get(n));
        }
        for (int n = 0; n < lookup.deadSets(); n++) {
            Resp.bulk(out, keys.deadPrefix(), names.get(n));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Redis keeps a script under its SHA-1. */
    private static String sha1(byte[] source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source);
            return String.format("%040x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads the reply. For each look-up it holds {@code 0} when there is no frontend, else the position of the name that was
     * found, its list, and its dead set. An error takes the place of a list or of a dead set that cannot be read. Lettuce
     * calls this once for every element.
     */
    static final class Reply extends CommandOutput<String, String, Void> {

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

        private final List<PendingLookup> lookups;
        private final RowsDecoder decoder;
        private Next next = Next.BATCH;
        private int left;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply(List<PendingLookup> lookups, RowsDecoder decoder) {
            super(StringCodec.UTF8, null);
            this.lookups = lookups;
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
                case LIST -> {
                    decoder.fail(name(), text);
                    next = Next.LOOKUP;
                }
                case DEAD_SET -> finish(text);
                default -> setError(text);
            }
        }

        private String name() {
            return lookups.get(decoder.results().size()).lookup().names().get(left - 1);
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
}
