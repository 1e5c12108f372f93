package io.hipache.driver;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one mark and sets it, in one atomic step, so that all workers of all machines agree. {@code KEYS} holds the
 * list of the frontend, its dead set, and the set of those dead backends that were marked for soft failures.
 *
 * <p>Only an entry that the router can use is a backend that is left. So the script reads entries as {@code
 * routing.BackendUrl} does, but stricter: a name with letters beyond ASCII does not count, nor does an entry of more than 256
 * bytes, nor what stands behind the first 512 entries. So it never counts what the router cannot use, and a tenant's list
 * holds up Redis for a few milliseconds at most. It stops as soon as it has seen enough.
 *
 * <p>A hard failure marks without a limit. Where the last usable backend would be dead then, the marks of soft failures are
 * lifted: these backends may be alive. Rights from before there was this rule lack SREM, and then nothing is lifted.
 *
 * <p>The first EXPIRE changes nothing that the second one would not. It finds out whether the server takes writes at all,
 * before the death is announced.
 */
final class MarkScript {

    /** A cap without effect: for failures that no request can cause, and for fleets that want Hipache's rule. */
    static final int NO_CAP = 100;

    private static final String SOURCE =
            """
            local list, dead, soft = KEYS[1], KEYS[2], KEYS[3]
            local position, entry, index, cap, ttl, message, unlisted = unpack(ARGV)
            local capped = tonumber(cap) < 100
            local reply
            local function fails(...)
              reply = redis.pcall(...)
              return type(reply) == 'table' and reply.err
            end
            local function usable(url)
              if #url > 256 then return false end
              local _, start = string.find(url, '^%s*[hH][tT][tT][pP][sS]?://')
              if not start then return false end
              local stop = string.find(url, '[/?#\\\\]', start + 1) or #url + 1
              local authority = string.sub(url, start + 1, stop - 1)
              local host = string.match(authority, '^.*@()') or 1
              local _, last = string.find(authority, '^[%w._%-]+', host)
              if not last then _, last = string.find(authority, '^%[[%x:.][%x:.]+%]', host) end
              if not last then return false end
              local _, colon, port = string.find(authority, '^:(%d*)', last + 1)
              if port and port ~= '' then
                local number = tonumber(port)
                if number < 1 or number > 65535 then return false end
              end
              local rest = (colon or last) + 1
              return rest > #authority or (stop > #url and string.find(authority, '^%s*$', rest) ~= nil)
            end
            local function each(seen)
              for from = 1, 512, 256 do
                if fails('LRANGE', list, from, from + 255) then return reply end
                for i, url in ipairs(reply) do
                  if usable(url) and seen(from + i - 2) then return end
                end
              end
            end

            if fails('LLEN', list) then return reply end
            local backends = reply - 1
            local listed = backends >= 0 or tonumber(unlisted) == 0
            if listed then
              if fails('LINDEX', list, position) then return reply end
              if reply ~= entry then return 'MOVED' end
            else
              if capped then return 'UNCOUNTED' end
              backends = tonumber(unlisted)
            end
            if backends < 2 then return 'ONLY_BACKEND' end
            if fails('SISMEMBER', dead, index) then return reply end
            local already = reply == 1
            if fails('SCARD', dead) then return reply end
            if capped and not already then
              local needed = reply == 0 and 2 or math.ceil((reply + 1) * 100 / cap)
              local enough = backends < needed and 2 or needed
              local found = 0
              local failure = each(function()
                found = found + 1
                return found >= enough
              end)
              if failure then return failure end
              if found < 2 then return 'ONLY_BACKEND' end
              if found < needed then return 'CAPPED' end
            end
            if fails('EXPIRE', dead, ttl) then return reply end
            if fails('PUBLISH', 'dead', message) then return reply end
            if fails('SADD', dead, index) then return reply end
            if fails('EXPIRE', dead, ttl) then return reply end
            if capped then
              if not already then redis.pcall('SADD', soft, index) end
              redis.pcall('EXPIRE', soft, ttl)
              return already and 'DEAD_ALREADY' or 'MARKED'
            end
            local lifted = false
            if redis.pcall('EXPIRE', soft, ttl) == 1 and listed then
              redis.pcall('SREM', soft, index)
              local alive, doubtful = false, {}
              each(function(i)
                alive = redis.pcall('SISMEMBER', dead, i) == 0
                if redis.pcall('SISMEMBER', soft, i) == 1 then doubtful[#doubtful + 1] = i end
                return alive
              end)
              for _, i in ipairs(alive and {} or doubtful) do
                lifted = redis.pcall('SREM', dead, i) == 1 or lifted
                redis.pcall('SREM', soft, i)
              end
            end
            return lifted and 'MARKED_LAST' or already and 'DEAD_ALREADY' or 'MARKED'
            """;

    private static final String DIGEST = sha1(SOURCE);
    private static final Pattern PLACE = Pattern.compile("^@user_script: ?\\d+: -?");

    private MarkScript() {}

    /**
     * The words of the command.
     *
     * @param unlisted the number of backends that counts when the server does not have the list; 0 when it must have it
     * @param withSource whether the command carries the source of the script, for a server that does not have it yet, or
     *     only its digest
     */
    static String[] command(
            RedisKeys keys, DeadBackend dead, int cap, String ttl, String message, int unlisted, boolean withSource) {
        return new String[] {
            withSource ? "EVAL" : "EVALSHA",
            withSource ? SOURCE : DIGEST,
            "3",
            keys.frontend(dead.frontend()),
            keys.dead(dead.host()),
            keys.softlyDead(dead.host()),
            Integer.toString(dead.index() + 1),
            dead.entry(),
            Integer.toString(dead.index()),
            Integer.toString(cap),
            ttl,
            message,
            Integer.toString(unlisted)
        };
    }

    /** What a reply says. */
    static Marking marking(@Nullable String reply) {
        return switch (String.valueOf(reply)) {
            case "MARKED" -> Marking.MARKED;
            case "DEAD_ALREADY" -> Marking.DEAD_ALREADY;
            case "MARKED_LAST" -> Marking.MARKED_LAST;
            case "UNCOUNTED" -> Marking.UNCOUNTED;
            case "CAPPED" -> Marking.CAPPED;
            case "MOVED" -> Marking.MOVED;
            case "ONLY_BACKEND" -> Marking.ONLY_BACKEND;
            default -> Marking.FAILED;
        };
    }

    /** An error in the words of the command that failed. Redis 6 puts the place in the script before some of them. */
    static String plain(String error) {
        return PLACE.matcher(error).replaceFirst("");
    }

    /** Whether the server runs no scripts, or not all commands of this one. Redis has several words for that. */
    static boolean isRefused(String error) {
        return error.startsWith("NOPERM")
                || error.startsWith("ERR unknown command")
                || error.contains("The user executing the script")
                || error.contains("ACL failure in script");
    }

    /** Redis keeps a script under its SHA-1. */
    private static String sha1(String source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
