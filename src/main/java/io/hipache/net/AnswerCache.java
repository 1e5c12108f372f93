package io.hipache.net;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Recent answers of name look-ups. When there are too many, the oldest is dropped. Confined to the event loop. */
final class AnswerCache {

    private final int names;
    private final LongSupplier nanoClock;
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private int turn;

    AnswerCache(int names, LongSupplier nanoClock) {
        this.names = names;
        this.nanoClock = nanoClock;
    }

    /** The answer for a name, or null when there is none or it has expired. Each call rotates the addresses. */
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

    /** Keeps an answer for {@code ttlNanos} nanoseconds. */
    void put(String name, Resolution resolution, long ttlNanos) {
        answers.remove(name);
        answers.put(name, new Answer(resolution, nanoClock.getAsLong() + ttlNanos));
        if (answers.size() > names) {
            answers.remove(answers.keySet().iterator().next());
        }
    }

    /**
     * Rotates the addresses of each family separately. {@code localhost} is an example why: it is 127.0.0.1 and ::1,
     * and most backends on it listen on IPv4 alone. A rotation over both families would send every second connection to
     * ::1, where it is refused.
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
