package io.hipache.driver;

import io.hipache.config.Installation;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks and announces dead backends, by one script for each. Where Redis refuses the script, a mark takes two steps: reading
 * and writing. An editor may then shift the indexes between them. Soft failures do not mark there, unless no cap limits
 * them: only in one step can all workers agree on how many backends are left.
 * Confined to the event loop.
 */
final class DeadMarks {

    private static final Logger LOG = LoggerFactory.getLogger(DeadMarks.class);

    /** Marks without a reply. With so many, Redis does not keep up, and further ones are given up at once. */
    private static final int MOST_UNANSWERED = 1_000;

    private final RedisLink link;
    private final RedisEndpoint endpoint;
    private final RedisKeys keys;
    private final String ttlSeconds;
    private final int softCap;
    private final boolean readsElsewhere;
    private final BooleanSupplier checkerAlive;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private boolean scripts = true;
    private boolean scriptKnown;
    private boolean scriptRefusalLogged;
    private boolean closed;
    private int unanswered;

    /**
     * @param softCap the percentage of a frontend's backends up to which soft failures mark
     * @param readsElsewhere whether look-ups go to another server. This one may then have no list, and the number of backends
     *     that the look-up has found counts
     * @param checkerAlive whether an active checker owns the dead sets, so that deaths are announced only
     */
    DeadMarks(
            RedisLink link,
            RedisEndpoint endpoint,
            RedisKeys keys,
            Duration ttl,
            int softCap,
            boolean readsElsewhere,
            BooleanSupplier checkerAlive) {
        this.link = link;
        this.endpoint = endpoint;
        this.keys = keys;
        this.ttlSeconds = Long.toString(ttl.toSeconds());
        this.softCap = softCap;
        this.readsElsewhere = readsElsewhere;
        this.checkerAlive = checkerAlive;
    }

    void mark(DeadBackend dead, Consumer<Marking> told) {
        if (unanswered >= MOST_UNANSWERED) {
            told.accept(Marking.FAILED);
            return;
        }
        unanswered++;
        Mark mark = new Mark(dead, told);
        if (checkerAlive.getAsBoolean()) {
            mark.announce();
        } else if (dead.soft() && softCap == 0) {
            mark.end(Marking.CAPPED);
        } else if (scripts) {
            // so that the mark goes out before the look-up of the retry, also the first time
            mark.runScript(!scriptKnown);
        } else {
            mark.takeTwoSteps();
        }
    }

    /** To be called for every new connection: it may be to another server, which may allow scripts. */
    void connected() {
        scripts = true;
        scriptKnown = false;
    }

    void close() {
        closed = true;
    }

    /** Marks without a reply. */
    int unanswered() {
        return unanswered;
    }

    /** One mark, until it is known what became of it. */
    private final class Mark {

        private final DeadBackend dead;
        private final Consumer<Marking> told;
        private final int cap;
        private final int unlisted;
        private final String message;

        Mark(DeadBackend dead, Consumer<Marking> told) {
            this.dead = dead;
            this.told = told;
            this.cap = dead.soft() ? softCap : MarkScript.NO_CAP;
            this.unlisted = readsElsewhere ? dead.backends() : 0;
            this.message = dead.host() + ";" + dead.url() + ";" + dead.index() + ";" + dead.backends();
        }

        void announce() {
            link.write(new PlainCommand(
                    (value, error) -> answered(Marking.ANNOUNCED, error), "PUBLISH", RedisKeys.DEAD_CHANNEL, message));
        }

        void runScript(boolean withSource) {
            String[] command = MarkScript.command(keys, dead, cap, ttlSeconds, message, unlisted, withSource);
            link.write(new PlainCommand(
                    (value, error) -> {
                        if (error != null && error.startsWith("NOSCRIPT") && !withSource) {
                            runScript(true);
                        } else if (error != null && MarkScript.isRefused(error)) {
                            scripts = false;
                            logRefusal(error);
                            takeTwoSteps();
                        } else {
                            scriptKnown |= error == null;
                            scriptRefusalLogged = false;
                            answered(MarkScript.marking(value), error == null ? null : MarkScript.plain(error));
                        }
                    },
                    command));
        }

        void takeTwoSteps() {
            if (cap < MarkScript.NO_CAP) {
                end(Marking.UNCOUNTED);
            } else {
                look();
            }
        }

        /** The first of two steps: reads what the script would read. */
        private void look() {
            Looked looked = new Looked();
            String deadKey = keys.dead(dead.host());
            String list = keys.frontend(dead.frontend());
            link.write(List.of(
                    looked.command("LINDEX", list, Integer.toString(dead.index() + 1)),
                    looked.command("LLEN", list),
                    new PlainCommand(
                            (value, error) -> {
                                looked.replied(value, error);
                                decide(looked);
                            },
                            "SISMEMBER",
                            deadKey,
                            Integer.toString(dead.index()))));
        }

        private void decide(Looked looked) {
            String error = looked.firstError;
            if (error != null && error.startsWith("NOPERM") && !dead.soft()) {
                // rights of before there was a script: a backend that refuses connections is marked as it was then
                write(Marking.MARKED);
            } else if (error != null) {
                answered(Marking.FAILED, error);
            } else {
                Marking marking = looked.marking(dead.entry(), unlisted);
                if (marking == Marking.MARKED || marking == Marking.DEAD_ALREADY) {
                    write(marking);
                } else {
                    answered(marking, null);
                }
            }
        }

        /** The second step. */
        private void write(Marking marking) {
            Looked replies = new Looked();
            String deadKey = keys.dead(dead.host());
            List<RedisCommand> commands = new ArrayList<>();
            commands.add(replies.command("MULTI"));
            commands.add(replies.command("SADD", deadKey, Integer.toString(dead.index())));
            commands.add(replies.command("EXPIRE", deadKey, ttlSeconds));
            commands.add(replies.command("PUBLISH", RedisKeys.DEAD_CHANNEL, message));
            commands.add(new PlainCommand(
                    (value, error) -> {
                        replies.replied(value, error);
                        // the first error: the later ones follow from it
                        answered(marking, replies.firstError);
                    },
                    "EXEC"));
            link.write(commands);
        }

        private void answered(Marking marking, @Nullable String error) {
            if (closed) {
                end(Marking.FAILED);
            } else if (error == null) {
                troubles.recovered("Redis " + endpoint + ": dead backends are marked again");
                end(marking);
            } else {
                reportTrouble(error);
                end(Marking.FAILED);
            }
        }

        private void reportTrouble(String error) {
            if (error.startsWith("WRONGTYPE")) {
                String host = dead.host();
                troubles.reportSubject(
                        host,
                        host + ": its dead backend cannot be marked, because the Redis key " + keys.dead(host)
                                + " is not a set; delete it: " + error);
                return;
            }
            troubles.report("Redis " + endpoint + ": dead backends cannot be marked", error);
            if (error.startsWith("READONLY")) {
                link.notTheMaster();
            }
        }

        void end(Marking marking) {
            unanswered--;
            told.accept(marking);
        }
    }

    private void logRefusal(String error) {
        if (!scriptRefusalLogged) {
            scriptRefusalLogged = true;
            LOG.warn(
                    "Redis {} refuses the script that marks dead backends, so each mark takes two steps now, and failures that"
                            + " one request can cause do not mark; give the user the rights that {} lists: {}",
                    endpoint,
                    Installation.find().page("docs/configuration.md#rights-of-the-redis-user"),
                    error);
        }
    }

    /** The replies to the commands of one step, in their order. */
    private static final class Looked {

        private final List<String> values = new ArrayList<>(3);
        private @Nullable String firstError;

        PlainCommand command(String... words) {
            return new PlainCommand(this::replied, words);
        }

        void replied(@Nullable String value, @Nullable String error) {
            firstError = firstError == null ? error : firstError;
            values.add(String.valueOf(value));
        }

        /** The decision of {@link MarkScript}, on what was true a moment ago. */
        Marking marking(String entry, int unlisted) {
            int listed = Integer.parseInt(values.get(1)) - 1;
            boolean isUnlisted = listed < 0 && unlisted > 0;
            int backends = isUnlisted ? unlisted : listed;
            if (!isUnlisted && !values.get(0).equals(entry)) {
                return Marking.MOVED;
            }
            if (backends < 2) {
                return Marking.ONLY_BACKEND;
            }
            return values.get(2).equals("1") ? Marking.DEAD_ALREADY : Marking.MARKED;
        }
    }
}
