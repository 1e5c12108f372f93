package io.hipache.frontends;

import io.hipache.driver.redis.RedisKeys;
import io.hipache.frontends.InvalidInputException.Remedy;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import io.lettuce.core.ScriptOutputType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes a frontend in one atomic step, on the server that takes writes. Marks of dead backends are by index. So the same step
 * moves each mark to the new index of its entry, and drops marks whose entry is gone.
 */
public final class Change {

    /** What the router could never read is not edited either. */
    private static final int MOST = 100_000;

    private static final String SOURCE =
            """
            local list, dead, soft = KEYS[1], KEYS[2], KEYS[3]
            local what, id, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
            local length = redis.call('LLEN', list)
            if length > most then return {'TOO_LARGE'} end
            local old = redis.call('LRANGE', list, 0, -1)
            local new, asked, listed, done = {}, {}, {}, 0
            for i = 4, #ARGV do asked[ARGV[i]] = true end
            for i = 2, #old do listed[old[i]] = true end
            if what == 'set' then
              -- else the first URL would become the identifier
              if id == '' and not old[1] then return {'NO_ID'} end
              new[1] = id ~= '' and id or old[1]
              for i = 4, #ARGV do new[#new + 1] = ARGV[i] end
              done = 1
            elseif what == 'add' then
              for i = 1, #old do new[i] = old[i] end
              if id ~= '' and new[1] and new[1] ~= id then return {'OTHER_ID', new[1]} end
              if not new[1] and id ~= '' then new[1] = id done = 1 end
              if not new[1] then return {'NO_ID'} end
              for i = 4, #ARGV do
                if not listed[ARGV[i]] then
                  listed[ARGV[i]] = true
                  new[#new + 1] = ARGV[i]
                  done = done + 1
                end
              end
            elseif what == 'remove' or what == 'drain' then
              for i = 1, #old do
                if i > 1 and asked[old[i]] then done = done + 1 else new[#new + 1] = old[i] end
              end
              if what == 'drain' and done > 0 then
                local marked, live = {}, 0
                for _, member in ipairs(redis.call('TYPE', dead).ok == 'set' and redis.call('SMEMBERS', dead) or {}) do
                  marked[member] = true
                end
                for i = 2, #old do
                  if not asked[old[i]] and not marked[tostring(i - 2)] then live = live + 1 end
                end
                if live == 0 then return {'LAST'} end
              end
            else
              done = #old > 0 and 1 or 0
            end
            local same = #old == #new
            for i = 1, same and #old or 0 do same = same and old[i] == new[i] end
            if same then return {'SAME', #old - 1} end

            local first = 1
            while first <= #old and old[first] == new[first] do first = first + 1 end
            if first > #old then
              for i = first, #new, 1000 do redis.call('RPUSH', list, unpack(new, i, math.min(i + 999, #new))) end
            else
              redis.call('DEL', list)
              for i = 1, #new, 1000 do redis.call('RPUSH', list, unpack(new, i, math.min(i + 999, #new))) end
            end

            local places, moved, dropped = {}, 0, 0
            for i = 2, #new do
              places[new[i]] = places[new[i]] or {}
              table.insert(places[new[i]], i - 2)
            end
            local target, seen = {}, {}
            for i = 2, #old do
              seen[old[i]] = (seen[old[i]] or 0) + 1
              target[i - 2] = places[old[i]] and places[old[i]][seen[old[i]]]
            end
            for number, key in ipairs(first > #old and {} or {dead, soft}) do
              if redis.call('TYPE', key).ok == 'set' then
                local ttl, marks = redis.call('PTTL', key), {}
                for _, member in ipairs(redis.call('SMEMBERS', key)) do
                  local index = tonumber(member)
                  local place = index and target[index]
                  if place then
                    marks[#marks + 1] = place
                    if number == 1 and place ~= index then moved = moved + 1 end
                  elseif number == 1 then
                    dropped = dropped + 1
                  end
                end
                redis.call('DEL', key)
                for i = 1, #marks do redis.call('SADD', key, marks[i]) end
                if #marks > 0 and ttl > 0 then redis.call('PEXPIRE', key, ttl) end
              end
            end
            return {'CHANGED', math.max(#new - 1, 0), done, moved, dropped}
            """;

    private final StoreConnection store;

    public Change(StoreConnection store) {
        this.store = store;
    }

    /**
     * What has become of a frontend.
     *
     * @param changed false when the store had it like this already
     * @param backends the number of its backends now
     * @param entries how many entries were added or removed
     * @param movedMarks how many marks have another index now
     * @param droppedMarks how many marks are gone with their entries
     */
    public record Result(boolean changed, long backends, long entries, long movedMarks, long droppedMarks) {}

    /**
     * Adds backends at the end, without those that are there already. Creates the frontend where an identifier is given.
     *
     * @param identifier null to require that the frontend exists
     */
    public Result add(String name, @Nullable String identifier, List<String> entries)
            throws StoreException, InvalidInputException {
        return run("add", name, identifier, entries);
    }

    /** Removes each entry that equals one of these. A frontend may be left without backends. */
    public Result remove(String name, List<String> entries) throws StoreException, InvalidInputException {
        return run("remove", name, null, entries);
    }

    /**
     * Removes each entry that equals one of these, unless no backend would be left that counts as alive. Only the marks under
     * the name of the frontend count.
     */
    public Result drain(String name, List<String> entries) throws StoreException, InvalidInputException {
        return run("drain", name, null, entries);
    }

    /** Removes a frontend with its marks. */
    public Result delete(String name) throws StoreException, InvalidInputException {
        return run("delete", name, null, List.of());
    }

    /**
     * Puts a list in the place of the one that is there.
     *
     * @param identifier null to keep the one that is there
     */
    public Result set(String name, @Nullable String identifier, List<String> entries)
            throws StoreException, InvalidInputException {
        return run("set", name, identifier, entries);
    }

    private Result run(String what, String name, @Nullable String identifier, List<String> entries)
            throws StoreException, InvalidInputException {
        RedisKeys keys = store.keys();
        String[] changed = {keys.frontend(name), keys.dead(name), keys.softlyDead(name)};
        List<String> arguments = new ArrayList<>(List.of(what, identifier == null ? "" : identifier, "" + MOST));
        arguments.addAll(entries);
        List<Object> reply;
        try {
            reply = store.write(commands ->
                    commands.eval(SOURCE, ScriptOutputType.MULTI, changed, arguments.toArray(String[]::new)));
        } catch (StoreException e) {
            // the script asks for the type of each other key
            throw e.kind() == Kind.WRONG_TYPE ? StoreException.wrongType(WrongType.list(keys.frontend(name))) : e;
        }
        return switch (String.valueOf(reply.get(0))) {
            case "CHANGED" -> new Result(true, number(reply, 1), number(reply, 2), number(reply, 3), number(reply, 4));
            case "SAME" -> new Result(false, number(reply, 1), 0, 0, 0);
            case "OTHER_ID" ->
                throw new InvalidInputException(
                        name + " has the identifier " + reply.get(1) + " already", Remedy.OTHER_IDENTIFIER);
            case "NO_ID" -> throw new InvalidInputException("there is no frontend " + name + " yet", Remedy.IDENTIFIER);
            case "LAST" ->
                throw new InvalidInputException(
                        name
                                + " would be left without a backend that counts as alive; add another one first, or remove this one");
            default -> throw new InvalidInputException("the frontend " + name + " is too large to be edited");
        };
    }

    private static long number(List<Object> reply, int place) {
        return ((Number) reply.get(place)).longValue();
    }
}
