package io.hipache.net;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The answers of the last seconds, the oldest leaving first when there are too many. Confined to the event loop. */
final class AnswerCache {

    private final int names;
    private final LongSupplier nanoClock;
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private int turn;

    AnswerCache(int names, LongSupplier nanoClock) {
        this.names = names;
        this.nanoClock = nanoClock;
    }

    /** What is still known about a name, or null. */
    @Nullable
    Resolution get(String name) {
        Answer answer = answers.get(name);
        if (answer == null) {
            return null;
        }
        if (nanoClock.getAsLong() - answer.endNanos >= 0) {
            answers.remove(name);
            return null;
        }
        turn = (turn + 1) & Integer.MAX_VALUE;
        return rotated(answer.resolution, turn);
    }

    void put(String name, Resolution resolution, long ttlNanos) {
        answers.remove(name);
        answers.put(name, new Answer(resolution, nanoClock.getAsLong() + ttlNanos));
        if (answers.size() > names) {
            answers.remove(answers.keySet().iterator().next());
        }
    }

    /**
     * Rotates within each family only: with {@code localhost} as 127.0.0.1 and ::1 a full rotation would send every
     * second connection to a backend that listens on IPv4 alone into a refusal.
     */
    private static Resolution rotated(Resolution resolution, int turn) {
        if (!(resolution instanceof Resolution.Found found) || found.addresses().size() == 1) {
            return resolution;
        }
        Class<?> preferred = found.first().getClass();
        List<InetAddress> result = new ArrayList<>();
        List<InetAddress> others = new ArrayList<>();
        for (InetAddress address : found.addresses()) {
            (preferred.isInstance(address) ? result : others).add(address);
        }
        Collections.rotate(result, -(turn % result.size()));
        if (!others.isEmpty()) {
            Collections.rotate(others, -(turn % others.size()));
            result.addAll(others);
        }
        return new Resolution.Found(result);
    }

    private record Answer(Resolution resolution, long endNanos) {}
}
