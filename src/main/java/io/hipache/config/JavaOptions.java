package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code server.javaOptions}. Refuses what is no option, and options that would break the work of the supervisor. */
final class JavaOptions {
    private static final String KEY = "javaOptions";

    /** Every other word would name the main class, end the JVM at once, or print to the pipe of the messages. */
    private static final Pattern OPTION = Pattern.compile(
            "(-X|-D|-ea|-da|-esa|-dsa|-enableassertions|-disableassertions|-agentlib:|-agentpath:|-javaagent:"
                    + "|--add-opens=|--add-exports=|--add-modules=|--add-reads=|--enable-native-access="
                    + "|--enable-preview$|--sun-misc-unsafe-memory-access=).*",
            Pattern.DOTALL);

    private static final Pattern MEMORY =
            Pattern.compile("(-Xmx|-XX:(MaxHeapSize|MaxRAM|MaxRAMPercentage|MaxDirectMemorySize|MaxMetaspaceSize)=).*");

    private static final Pattern LOG = Pattern.compile("-Xlog(:.*)?");
    private static final Pattern LOG_ELSEWHERE =
            Pattern.compile("-Xlog:(disable|[^:]*:(stderr(:.*)?|file=.+|[^:=]*/.*))");

    /** {@code -Xint}, {@code -Xbatch} and the like are options; these end the JVM. */
    private static final Pattern HELP = Pattern.compile("-X|-XshowSettings.*|-Xlog:help|-Xdiag|-Xinternalversion");

    private JavaOptions() {}

    static List<String> read(Section server, Findings findings) {
        JsonNode value = server.value(KEY);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            findings.expected(
                    server.pathOf(KEY), "a list of options such as \"-XX:+HeapDumpOnOutOfMemoryError\"", value);
            return List.of();
        }
        List<String> options = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String option = value.get(i).isTextual() ? value.get(i).textValue().strip() : "";
            String fault = fault(option);
            if (fault == null) {
                options.add(option);
            } else {
                findings.expected(server.pathOf(KEY) + "[" + i + "]", fault, value.get(i));
            }
        }
        return options;
    }

    /** What was expected instead, null for an option that is good. */
    private static @Nullable String fault(String option) {
        if (!OPTION.matcher(option).matches() || HELP.matcher(option).matches()) {
            return "an option of the Java runtime that begins with -X, -D, -javaagent:, --add-opens= or the like";
        }
        if (MEMORY.matcher(option).matches()) {
            return "no limit of memory, because server.memoryLimit sets the limits of a worker's JVM";
        }
        if (LOG.matcher(option).matches() && !LOG_ELSEWHERE.matcher(option).matches()) {
            return "an output, such as -Xlog:gc:stderr or -Xlog:gc:file=/tmp/gc.log, because standard output carries "
                    + "the worker's messages to the supervisor";
        }
        return null;
    }
}
