package io.hipache.driver;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one mark and sets it, in one atomic step, so that all workers of all machines agree. {@code KEYS} holds the
 * list of the frontend and its dead set.
 *
 * <p>The first EXPIRE changes nothing that the second one would not. It finds out whether the server takes writes at all,
 * before the death is announced. In a short list, entries that are no URL do not count as backends that are left: a second
 * identifier, which tsuru may leave behind, serves nobody.
 */
final class MarkScript {

    /** A cap without effect: for failures that no request can cause, and for fleets that want Hipache's rule. */
    static final int NO_CAP = 100;

    private static final String SOURCE =
            """
            local list, dead = KEYS[1], KEYS[2]
            local position, entry, index, cap, ttl, message, unlisted = unpack(ARGV)
            local reply
            local function fails(...)
              reply = redis.pcall(...)
              return type(reply) == 'table' and reply.err
            end
            if fails('LLEN', list) then return reply end
            local backends = reply - 1
            if backends < 0 and tonumber(unlisted) > 0 then
              backends = tonumber(unlisted)
            else
              if fails('LINDEX', list, position) then return reply end
              if reply ~= entry then return 'MOVED' end
            end
            if backends < 2 then return 'ONLY_BACKEND' end
            if fails('SISMEMBER', dead, index) then return reply end
            local already = reply == 1
            if fails('SCARD', dead) then return reply end
            if tonumber(cap) < 100 and not already then
              local deadNow, usable = reply, backends
              if backends < 32 then
                if fails('LRANGE', list, 1, -1) then return reply end
                for _, url in ipairs(reply) do
                  if not string.find(string.lower(url), '^%s*https?://') then usable = usable - 1 end
                end
              end
              if usable < 2 then return 'ONLY_BACKEND' end
              if deadNow >= math.max(1, math.floor(usable * cap / 100)) then return 'CAPPED' end
            end
            if fails('EXPIRE', dead, ttl) then return reply end
            if fails('PUBLISH', 'dead', message) then return reply end
            if fails('SADD', dead, index) then return reply end
            if fails('EXPIRE', dead, ttl) then return reply end
            return already and 'DEAD_ALREADY' or 'MARKED'
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
            "2",
            keys.frontend(dead.frontend()),
            keys.dead(dead.host()),
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
            return String.format("%040x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
