package io.hipache.driver.lookup;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.Resp;
import io.hipache.routing.HostLookup;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The look-ups of one turn of the event loop as one script: one command that reads one snapshot and returns only what routing
 * needs. The script writes nothing, so that a read-only replica runs it too. It measures a list before it reads the list, and
 * asks a dead set for the indexes of the list alone, so that neither costs more than {@link LookupBounds} allows.
 *
 * <p>{@code KEYS} holds for each look-up the keys of the lists under its names, then those of the dead sets that count.
 * {@code ARGV} holds the three bounds and whether the times of the dead sets are wanted, then for each look-up the number of
 * its names, of its spellings and of its dead sets.
 */
final class LookupScript {

    /**
     * {@code MEMORY USAGE} is the only command that tells the size of a list without copying an element. It looks at each node of
     * the list, so {@code LLEN} comes first, which says whether the key is a list and has not too many. Where {@code MEMORY
     * USAGE} is refused, the list is read in slices until its sum is over the bound. One slice may then copy a very long element
     * within Redis, but does not send it.
     */
    private static final String SOURCE =
            """
            local most, bytes, budget, call = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), redis.pcall
            local lists, replies, key, times, refused = {}, {}, 1, ARGV[4] == '1', nil

            local function wrong(reply, command)
              if type(reply) ~= 'table' or not reply.err then return false end
              if not string.find(reply.err, 'WRONGTYPE', 1, true) then
                refused = reply.err .. (command and ' (' .. command .. ')' or '')
              end
              return true
            end

            local function rare()
              local tools = {}

              function tools.read(list)
                local entries, sum = {}, 0
                for from = 0, list.length - 1, 256 do
                  local slice = call('LRANGE', list.name, from, from + 255)
                  if wrong(slice) then return slice end
                  for i = 1, #slice do
                    local entry = slice[i]
                    sum = sum + #entry
                    entries[from + i] = #entry > %2$d and '' or entry
                  end
                  if sum > bytes then list.size = sum return 0 end
                end
                return entries
              end

              function tools.addMarked(dead, set, marks, backends)
                if marks <= 400 and backends > 100 then
                  local size = call('MEMORY', 'USAGE', set, 'SAMPLES', '0')
                  local all = type(size) == 'number' and size <= %1$d and call('SMEMBERS', set)
                  if all and not all.err then
                    for _, member in ipairs(all) do dead[#dead + 1] = member end
                    return
                  end
                end
                for from = 0, backends - 1, 1000 do
                  local indexes, is = {}
                  for i = from, math.min(from + 1000, backends) - 1 do indexes[#indexes + 1] = i end
                  is = call('SMISMEMBER', set, unpack(indexes))
                  if is.err then
                    is = {}
                    for i = 1, #indexes do
                      is[i] = call('SISMEMBER', set, indexes[i])
                      if wrong(is[i]) then return end
                    end
                  end
                  for i = 1, #is do
                    if is[i] == 1 then dead[#dead + 1] = from + i - 1 end
                  end
                end
              end

              -- what a look-up may need of a host that has backends
              function tools.tryRights(list, set)
                wrong(call('LRANGE', list, 0, 0), 'LRANGE')
                wrong(call('SCARD', set), 'SCARD')
                local is = call('SMISMEMBER', set, 0)
                if is.err then wrong(call('SISMEMBER', set, 0), 'SMISMEMBER, SISMEMBER') end
                if times then wrong(call('PTTL', set), 'PTTL') end
              end

              return tools
            end

            local function answer(number, n, list, first, second)
              if list.err then wrong(list) return {n, list} end
              local length, size, entries = list.length or #list, list.size or 0, list.sent or list
              if length > most or size > bytes then return {n, 0} end
              local marks, moreMarks, dead = call('SCARD', first), second and call('SCARD', second) or 0, {}
              local failed = (wrong(marks) and marks) or (wrong(moreMarks) and moreMarks)
              local marked = not failed and marks + moreMarks > 0
              local weight = (list.sent and 0 or size) + (marked and 16 * length or 0)
              if weight > %1$d then
                if weight > budget then return -1 end
                budget = budget - weight
              end
              if entries == list and list.name then
                entries = rare().read(list)
                if entries == 0 or entries.err then return {n, entries} end
              end
              list.sent = list.sent or number
              local reply = {n, entries, failed or dead}
              if times then dead[1] = call('PTTL', first) end
              if marked and marks > 0 then rare().addMarked(dead, first, marks, length - 1) end
              if times and second and not failed then
                dead = {call('PTTL', second)}
                reply[4] = dead
              end
              if marked and moreMarks > 0 then rare().addMarked(dead, second, moreMarks, length - 1) end
              wrong(times and dead[1], 'PTTL')
              return reply
            end

            for i = 5, #ARGV, 3 do
              local names, spellings, sets = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
              local dead, reply = key + names, 0
              for n = 1, names do
                local name = KEYS[key + n - 1]
                local list = lists[name]
                if list == nil then
                  local length = call('LLEN', name)
                  if length == 0 then
                    list = false
                  elseif wrong(length) then
                    list = length
                  else
                    local size = length <= most and call('MEMORY', 'USAGE', name, 'SAMPLES', '0')
                    if type(size) == 'number' and size <= %1$d then
                      list = call('LRANGE', name, 0, -1)
                    else
                      list = {name = name, length = length, size = type(size) == 'number' and size or 64 * length}
                    end
                  end
                  lists[name] = list
                end
                if list then
                  local own = n <= spellings and n - 1 or 0
                  local matched = n > spellings and sets > spellings and KEYS[dead + n - 1]
                  reply = answer(#replies + 1, n, list, KEYS[dead + own], matched)
                  break
                end
              end
              if reply == 0 and names == 1 and string.find(KEYS[key], '%3$s', 1, true) then
                rare().tryRights(KEYS[key], KEYS[dead])
              end
              if refused then return {err = 'REFUSED ' .. refused} end
              replies[#replies + 1] = reply
              key = dead + sets
            end
            return replies
            """
                    .formatted(LookupBounds.SMALL_BYTES, RowsDecoder.MAX_ENTRY_BYTES, HostLookup.NOBODY);

    private static final byte[] EVALSHA = ascii("EVALSHA");
    private static final byte[] EVAL = ascii("EVAL");
    private static final byte[] SOURCE_BYTES = ascii(SOURCE);
    private static final byte[] DIGEST = ascii(sha1(SOURCE_BYTES));

    private LookupScript() {}

    /**
     * Writes the command.
     *
     * @param largeBytes what the reply may hold of large lists
     * @param withTimes whether the reply is to tell for how long Redis keeps each dead set
     * @param withSource whether the command carries the source of the script, for a server that does not have it yet, or
     *     only its digest
     */
    static void encode(
            ByteBuf out,
            RedisKeys keys,
            LookupBounds bounds,
            List<PendingLookup> lookups,
            int largeBytes,
            boolean withTimes,
            boolean withSource) {
        int count = 0;
        for (int i = 0; i < lookups.size(); i++) {
            HostLookup lookup = lookups.get(i).lookup();
            count += lookup.names().size() + lookup.deadSets();
        }
        Resp.array(out, 7 + count + 3 * lookups.size());
        Resp.bulk(out, withSource ? EVAL : EVALSHA);
        Resp.bulk(out, withSource ? SOURCE_BYTES : DIGEST);
        Resp.bulk(out, count);
        for (int i = 0; i < lookups.size(); i++) {
            encodeKeys(out, keys, lookups.get(i).lookup());
        }
        Resp.bulk(out, Integer.toString(bounds.entries()));
        Resp.bulk(out, Integer.toString(bounds.bytes()));
        Resp.bulk(out, Integer.toString(largeBytes));
        Resp.bulk(out, withTimes ? 1 : 0);
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
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
