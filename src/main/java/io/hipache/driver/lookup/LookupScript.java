package io.hipache.driver.lookup;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.Resp;
import io.hipache.routing.HostLookup;
import io.netty.buffer.ByteBuf;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * The look-ups of one turn of the event loop as one script: one command, one snapshot, and only what routing needs comes
 * back. It writes nothing, so a read-only replica runs it too.
 *
 * <p>{@code KEYS} holds for each look-up the lists under its names and the dead sets that count, {@code ARGV} how many
 * names, spellings and dead sets there are. The reply is {@link LookupReply}'s.
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
                if list.err then reply = list break end
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
     * @param whole whether with the source, for a server that does not have it, or only with its digest
     */
    static void encode(ByteBuf out, RedisKeys keys, List<PendingRead> reads, boolean whole) {
        int count = 0;
        for (int i = 0; i < reads.size(); i++) {
            HostLookup lookup = reads.get(i).lookup();
            count += lookup.names().size() + lookup.deadSets();
        }
        Resp.array(out, 3 + count + 3 * reads.size());
        Resp.bulk(out, whole ? EVAL : EVALSHA);
        Resp.bulk(out, whole ? SOURCE_BYTES : DIGEST);
        Resp.bulk(out, count);
        for (int i = 0; i < reads.size(); i++) {
            encodeKeys(out, keys, reads.get(i).lookup());
        }
        for (int i = 0; i < reads.size(); i++) {
            HostLookup lookup = reads.get(i).lookup();
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

    /** The name under which Redis keeps a script. */
    private static String sha1(byte[] source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source);
            return String.format("%040x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
