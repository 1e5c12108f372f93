package io.hipache.checker;

import io.hipache.checker.Check.State;
import io.hipache.checker.Marks.Result;
import io.hipache.config.HipacheConfig.ActiveCheck;
import io.hipache.probe.Prober;
import io.hipache.probe.Question;
import io.hipache.probe.Target;
import io.hipache.probe.Verdict;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks of one term: from an announced death until nothing has changed for half an hour, the list has changed, or the
 * term ends. Confined to the checker's thread.
 */
final class Checks {

    private static final Logger LOG = LoggerFactory.getLogger(Checks.class);

    /** Backends at a time, and places where they are listed. Further announcements are not followed. */
    private static final int MOST_CHECKS = 2_000;

    private static final int MOST_LISTINGS = 10_000;

    /** Half of the time that a mark lives, as hipache-hchecker has it (check.go). */
    private static final Duration LATEST_REFRESH = Duration.ofSeconds(30);

    private static final int CHECKS_PER_REFRESH = 10;

    private static final long STABLE_NANOS = Duration.ofMinutes(30).toNanos();

    private final ActiveCheck settings;
    private final Election election;
    private final Timer timer;
    private final Prober prober;
    private final Listings listings;
    private final Questions questions;
    private final BackendLocks locks;
    private final Marks marks;
    private final NetworkGuard network;
    private final Findings findings;
    private final Map<Target, Check> checks = new HashMap<>();
    private final Map<Announcement, Check> known = new HashMap<>();
    private final WildcardHosts wildcards = new WildcardHosts();
    private final StoreTrouble trouble = new StoreTrouble();
    private boolean full;
    private boolean unable;
    private boolean over;

    Checks(
            ActiveCheck settings,
            StoreConnection store,
            Election election,
            Prober prober,
            Timer timer,
            Findings findings) {
        this.findings = findings;
        this.settings = settings;
        this.election = election;
        this.prober = prober;
        this.timer = timer;
        this.listings = new Listings(store);
        this.questions = new Questions(store, settings.path());
        this.locks = new BackendLocks(store);
        this.marks = new Marks(store, election.owner());
        this.network = new NetworkGuard(prober, timer, Question.usual(settings.path()), this::followAll);
    }

    /** Follows a message of the channel {@code dead}. */
    void announced(String message) {
        Announcement announced = Announcement.parse(message);
        if (announced == null || known.containsKey(announced) || isFull()) {
            return;
        }
        try {
            Listing listing = listings.find(announced);
            if (listing != null) {
                Target target = new Target(listing.url().backend(), questions.about(listing));
                add(target, listing);
            }
            trouble.over();
        } catch (StoreException e) {
            unable |= e.kind() != Kind.AWAY;
            trouble.met(e);
        }
    }

    private boolean isFull() {
        boolean now = checks.size() >= MOST_CHECKS || known.size() >= MOST_LISTINGS;
        if (now && !full) {
            LOG.warn("active checks: {} backends are being checked, which is the most; no others are", checks.size());
        }
        full = now;
        return now;
    }

    private void add(Target target, Listing listing) throws StoreException {
        Check check = checks.get(target);
        if (check == null) {
            if (!locks.acquire(listing.origin(), election.isOtherCheckerAlive())) {
                return;
            }
            check = new Check(target, listing.origin());
            checks.put(target, check);
            ask(check);
            refreshLater(check);
        }
        check.listings().put(listing, State.UNKNOWN);
        known.put(listing.announced(), check);
        Listing tooMany = wildcards.add(listing);
        Check ofThat = tooMany == null ? null : known.get(tooMany.announced());
        if (tooMany != null && ofThat != null) {
            drop(ofThat, tooMany);
            endIfEmpty(ofThat);
        }
        follow(check);
    }

    private void ask(Check check) {
        if (check.beginsToAsk()) {
            prober.ask(check.target(), verdict -> timer.run(() -> answered(check, verdict)));
        }
    }

    private void answered(Check check, Verdict verdict) {
        if (isOver(check)) {
            return;
        }
        network.told(check.target().backend(), verdict);
        check.answered(verdict, settings.rise(), settings.fall());
        follow(check);
        if (!isOver(check)) {
            check.asksAgain(timer.later(withJitter(settings.interval()), () -> ask(check)));
        }
    }

    /** Marks that had to wait follow now. */
    private void followAll() {
        if (!over) {
            List.copyOf(checks.values()).forEach(this::follow);
        }
    }

    /** Has the store say everywhere what the check says. */
    private void follow(Check check) {
        if (check.state() == State.UNKNOWN) {
            return;
        }
        for (Map.Entry<Listing, State> place : List.copyOf(check.listings().entrySet())) {
            if (place.getValue() != check.state()) {
                say(check, place.getKey());
            }
        }
        endIfEmpty(check);
    }

    private void say(Check check, Listing listing) {
        if (!election.isElected()) {
            return;
        }
        State before = check.listings().getOrDefault(listing, State.UNKNOWN);
        boolean dead = check.state() == State.DEAD;
        try {
            if (dead
                    && network.doubts(check)
                    && (network.seeks() || network.seek(silentHosts(), listings.neighbours(listing)))) {
                return;
            }
            Result result = marks.set(listing, dead, before == State.DEAD && !isMarkedElsewhere(check, listing));
            trouble.over();
            unable = false;
            switch (result) {
                case CHANGED, UNCHANGED -> {
                    check.listings().put(listing, check.state());
                    log(check, listing, before, result);
                    if (dead || before == State.DEAD) {
                        findings.found(listing.frontend(), listing.url().href(), dead);
                    }
                }
                // the mark follows when the host has another backend again
                case ONLY_BACKEND -> check.listings().put(listing, State.UNKNOWN);
                case MOVED, OTHERS -> drop(check, listing);
                case NOT_ELECTED -> LOG.debug("{}: not elected any more", listing);
            }
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE) {
                LOG.warn("{} cannot be marked: {}", listing, e.getMessage());
                drop(check, listing);
            } else {
                unable |= e.kind() != Kind.AWAY;
                trouble.met(e);
            }
        }
    }

    private Set<String> silentHosts() {
        return checks.values().stream()
                .filter(Check::isSilent)
                .map(check -> check.target().backend().host())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Whether the store has let this process do what it must, as far as that was tried. While it has not, the workers must not rely
     * on this checker. They mark and announce then, so it is tried again.
     */
    boolean canMark() {
        return !unable;
    }

    /** The line of a death is that of a worker that marks one. */
    private void log(Check check, Listing listing, State before, Result result) {
        if (!wildcards.isFirst(listing)) {
            return;
        }
        if (check.state() == State.DEAD && before != State.DEAD) {
            LOG.warn(
                    "{}: backend #{} is dead ({}: checks fail: {})",
                    listing.host(),
                    listing.index(),
                    listing.origin(),
                    check.fault());
        } else if (check.state() == State.ALIVE && (before == State.DEAD || result == Result.CHANGED)) {
            LOG.info("{} answers its checks again", listing);
        }
    }

    /** Another entry may have moved to the place of this one, and be dead itself. */
    private boolean isMarkedElsewhere(Check present, Listing listing) {
        return checks.values().stream()
                .filter(check -> check != present)
                .flatMap(check -> check.listings().entrySet().stream())
                .anyMatch(place -> place.getValue() == State.DEAD
                        && place.getKey().index() == listing.index()
                        && place.getKey().host().equals(listing.host()));
    }

    private void refreshLater(Check check) {
        Duration some = settings.interval().multipliedBy(CHECKS_PER_REFRESH);
        Duration refresh = some.compareTo(LATEST_REFRESH) < 0 ? some : LATEST_REFRESH;
        check.refreshesAgain(timer.later(withJitter(refresh), () -> refresh(check)));
    }

    /** Says everything again: marks run out, others may have deleted our locks, and the questions may have changed. */
    private void refresh(Check check) {
        if (isOver(check)) {
            return;
        }
        try {
            if (check.stableNanos() >= STABLE_NANOS || !locks.keep(check.lock(), election.isOtherCheckerAlive())) {
                end(check);
                return;
            }
            for (Listing listing : List.copyOf(check.listings().keySet())) {
                Target target = new Target(check.target().backend(), questions.about(listing));
                if (!target.equals(check.target())) {
                    move(check, target, listing);
                } else if (check.state() == State.DEAD) {
                    say(check, listing);
                }
            }
        } catch (StoreException e) {
            trouble.met(e);
        }
        endIfEmpty(check);
        if (!isOver(check)) {
            refreshLater(check);
        }
    }

    /** The new check takes the mark away, or sets it again. */
    private void move(Check from, Target target, Listing listing) throws StoreException {
        drop(from, listing);
        add(target, listing);
    }

    private void drop(Check check, Listing listing) {
        check.listings().remove(listing);
        known.remove(listing.announced(), check);
        wildcards.remove(listing);
    }

    private void endIfEmpty(Check check) {
        if (check.listings().isEmpty() && !isOver(check)) {
            end(check);
        }
    }

    private void end(Check check) {
        List.copyOf(check.listings().keySet()).forEach(listing -> drop(check, listing));
        checks.remove(check.target(), check);
        check.stop();
        try {
            locks.release(check.lock());
        } catch (StoreException e) {
            trouble.met(e);
        }
    }

    private boolean isOver(Check check) {
        return over || checks.get(check.target()) != check;
    }

    /** Ends all checks. Marks that are set run out by themselves. */
    void end() {
        over = true;
        checks.values().forEach(Check::stop);
        try {
            for (Check check : election.isElected() ? checks.values() : List.<Check>of()) {
                locks.release(check.lock());
            }
        } catch (StoreException e) {
            LOG.debug("active checks: {}", e.getMessage());
        }
        checks.clear();
    }

    /** So that checks which began together do not stay together. */
    private static Duration withJitter(Duration time) {
        return Duration.ofNanos(
                (long) (time.toNanos() * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
    }
}
