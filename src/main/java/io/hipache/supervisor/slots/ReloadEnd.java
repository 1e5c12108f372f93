package io.hipache.supervisor.slots;

import java.util.List;

/**
 * What became of a reload.
 *
 * @param switched whether the new configuration is in force
 * @param problems one line each: why it is not in force, or why some workers could not be replaced; empty when all went well
 * @param replaced how many processes were replaced
 * @param keys the keys of the configuration for whose sake processes had to be replaced
 * @param storeProblem why the new store cannot be used, where the one before could not be used either; else empty
 */
public record ReloadEnd(boolean switched, List<String> problems, int replaced, List<String> keys, String storeProblem) {
    public ReloadEnd {
        problems = List.copyOf(problems);
        keys = List.copyOf(keys);
    }
}
