package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Output;
import io.hipache.frontends.Change.Result;
import io.hipache.messages.Quantity;
import java.util.List;
import java.util.Map;

/** Says what a change of a frontend has done. */
final class ChangeOutput {

    private ChangeOutput() {}

    static Map<String, Object> json(String name, Result result) {
        return members(
                "name", name,
                "changed", result.changed(),
                // none where there is no such frontend
                "backends", result.backends() < 0 ? null : result.backends(),
                "movedMarks", result.movedMarks(),
                "droppedMarks", result.droppedMarks());
    }

    static void print(Output output, String name, Result result) {
        print(
                output,
                name,
                result,
                (result.changed() ? "changed, has " : "nothing to do, has ")
                        + Quantity.of(result.backends(), "backend", "backends"));
    }

    /** The whole frontend is gone, which is more than that it has no backends. */
    static void printRemoved(Output output, String name, Result result) {
        print(output, name, result, "removed, with its identifier and all of its backends");
    }

    private static void print(Output output, String name, Result result, String what) {
        if (output.json()) {
            output.value(json(name, result));
            return;
        }
        output.line(name + ": " + what);
        if (result.movedMarks() + result.droppedMarks() > 0) {
            output.line("marks of dead backends: " + result.movedMarks() + " moved to the new index of their backend, "
                    + result.droppedMarks() + " ended");
        }
        if (result.changed() && name.startsWith("*")) {
            output.line(
                    "marks of hosts that use this wildcard end by themselves, until then they may be at another backend");
        }
    }

    /** Reminds of what an active checker expects. */
    static void warn(Output output, List<String> entries) {
        for (String entry : entries) {
            int start = entry.indexOf("://") + 3;
            if (start > 2 && entry.indexOf('/', start) >= 0) {
                output.problem("note: requests keep their own path, so that of " + entry
                        + " does not matter; hipache-hchecker checks no entry with a path");
            }
        }
    }
}
