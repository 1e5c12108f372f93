package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.config.Privilege;
import io.hipache.supervisor.common.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The command line of a worker: the Java runtime and the class path of the supervisor, and flags that keep the worker small.
 * The configuration may hold secrets and never appears here, because every user of the machine can read a command line.
 *
 * @param prefix the words before the Java runtime, see {@link WorkerPrivileges}; may be empty
 * @param program the main class and its arguments
 */
public record WorkerCommandLine(List<String> prefix, List<String> program) {

    private static final Logger log = LoggerFactory.getLogger(WorkerCommandLine.class);

    /** A worker of this program. */
    public static final WorkerCommandLine HIPACHE = new WorkerCommandLine(List.of("io.hipache.Main", "worker"));

    private static final List<String> FLAGS = List.of(
            // one event loop makes little garbage that survives: the collector without threads and side tables fits
            // best
            "-XX:+UseSerialGC",
            // Live objects take a few MB, and bodies are in direct memory. The young generation is small, because it is
            // filled even at rest. It is half as large as the old generation, and at least NewSize.
            "-XX:InitialHeapSize=16m",
            "-XX:MinHeapSize=12m",
            "-XX:NewSize=5m",
            "-XX:MaxNewSize=21m",
            // the default of 21 MB causes two full collections while the classes are loaded
            "-XX:MetaspaceSize=48m",
            // memory that only the start needed goes back to the system
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=30",
            "-XX:ReservedCodeCacheSize=48m",
            // by default the compiler copies whole pipelines into each of their methods: that costs seconds of CPU time
            // when new code becomes hot, as that of an attack does, and warm requests are no cheaper for it
            "-XX:FreqInlineSize=100",
            // the quick compiler comes early, so that little of the first seconds is interpreted; by default 200, 100,
            // 2000.
            // The thorough one keeps its defaults: it costs more than it saves in a flood, but ordinary traffic on a
            // fresh worker needs it soon.
            "-XX:Tier3InvocationThreshold=60",
            "-XX:Tier3MinInvocationThreshold=30",
            "-XX:Tier3CompileThreshold=600",
            // A worker that warms up must not slow down those that serve. At nice 5 its compilers get a third of what a
            // thread that serves gets. A higher number starves the compilers of a busy worker, whose requests then wait
            // for compiled code. Java warns everybody but root that priorities can only be lowered. PrintWarnings hides
            // that, and warnings about options, which check() logs.
            "-XX:ThreadPriorityPolicy=1",
            "-XX:CompilerThreadPriority=5",
            "-XX:-PrintWarnings",
            // there are few threads and no deep recursion
            "-Xss512k",
            // arenas for one event loop, in chunks of 1 MiB instead of 4
            "-Dio.netty.allocator.type=pooled",
            "-Dio.netty.allocator.numHeapArenas=1",
            "-Dio.netty.allocator.numDirectArenas=1",
            "-Dio.netty.allocator.maxOrder=7",
            // gives back the native memory of the JIT compilers after the start; Java before 17.0.9 ignores this flag
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:TrimNativeHeapInterval=10000",
            // by default Java looks for idle monitors four times a second, and for work at a safepoint once a second:
            // a process with so few threads has hardly any of both, and at rest these looks cost CPU time
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:AsyncDeflationInterval=5000",
            "-XX:GuaranteedSafepointInterval=5000",
            // standard output carries the messages to the supervisor, so the JVM's own messages go to standard error
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            "-XX:+DisplayVMOutputToStderr",
            // a worker that is out of memory ends and is replaced, instead of working only in part
            "-XX:+ExitOnOutOfMemoryError",
            // no file in /tmp/hsperfdata: it is written all the time, and a killed worker would leave it behind
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            // Java would look into all jars for another one
            "-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider",
            // for Java's own TLS, where BoringSSL is not available: no renegotiation, only good curves, as BoringSSL
            // has it
            "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
            "-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1",
            // sampling the stack traces of buffers costs 3 % of the CPU; the tests look for leaks
            "-Dio.netty.leakDetection.level=disabled",
            // flight recorder events of Netty and Lettuce take 200 ms of a start, and are not used
            "-Dio.netty.jfr.enabled=false",
            "-Dio.lettuce.core.jfr=false");

    /** Netty loads its native epoll transport. Without this flag, newer versions of Java print a warning. */
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    /**
     * Netty makes its direct buffers itself, so that an allocation that fails fails at once. With the JDK's own way the event
     * loop sleeps for half a second each time.
     */
    private static final List<String> OWN_BUFFERS =
            List.of("--add-opens=java.base/java.nio=ALL-UNNAMED", "-Dio.netty.tryReflectionSetAccessible=true");

    /** Netty frees direct memory through sun.misc.Unsafe. Since version 24 Java prints a warning about that. */
    private static final String UNSAFE_ACCESS = "--sun-misc-unsafe-memory-access=allow";

    private static final int FIRST_WITH_UNSAFE_WARNING = 24;

    /** A JVM does not start with two garbage collectors. */
    private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

    /** What a Java runtime prints about an option that will go, say. */
    private static final Pattern WARNING = Pattern.compile(" warning: (.+)");

    public WorkerCommandLine {
        prefix = List.copyOf(prefix);
        program = List.copyOf(program);
    }

    public WorkerCommandLine(List<String> program) {
        this(List.of(), program);
    }

    /** The same program behind another prefix. */
    WorkerCommandLine after(List<String> other) {
        return new WorkerCommandLine(other, program);
    }

    /**
     * All words of the command line. {@code server.javaOptions} come last, so that they count where two options disagree.
     */
    List<String> words(HipacheConfig.Server server) {
        List<String> words = new ArrayList<>(prefix);
        words.add(java());
        words.addAll(FLAGS);
        if (server.javaOptions().stream()
                .anyMatch(option -> COLLECTOR.matcher(option).matches())) {
            words.removeIf(flag -> COLLECTOR.matcher(flag).matches());
        }
        words.addAll(WorkerMemory.of(server.memoryLimit()).flags());
        words.addAll(OWN_BUFFERS);
        words.addAll(ClassArchive.flags());
        words.addAll(NativeLibraries.flags());
        words.add(NATIVE_ACCESS);
        if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_WARNING) {
            words.add(UNSAFE_ACCESS);
        }
        words.addAll(server.javaOptions());
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.addAll(program);
        return words;
    }

    /**
     * The keys that differ and that a living worker cannot follow, because they are on its command line, or say whose rights
     * it has. Keep this next to {@link #words}, {@link WorkerMemory} and {@link WorkerPrivileges}.
     */
    public static List<String> keysOfNewProcess(HipacheConfig present, HipacheConfig wanted) {
        List<String> keys = new ArrayList<>();
        if (present.server().memoryLimit() != wanted.server().memoryLimit()) {
            keys.add("server.memoryLimit");
        }
        if (!present.server().javaOptions().equals(wanted.server().javaOptions())) {
            keys.add("server.javaOptions");
        }
        keys.addAll(WorkerPrivileges.keysThatDiffer(present, wanted, Privilege.isRoot()));
        return keys;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * Has a Java runtime read {@code server.javaOptions}, and logs its warnings. A worker would ignore a misspelt one, or not
     * start and say why in some line among others.
     *
     * @throws StartException when the Java runtime refuses them
     */
    public static void check(HipacheConfig.Server server) throws StartException {
        if (server.javaOptions().isEmpty()) {
            return;
        }
        List<String> words = new ArrayList<>(List.of(java()));
        words.addAll(server.javaOptions());
        words.add("-version");
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw refused(output.strip().replaceAll("\\s*\\R\\s*", " "));
            }
            output.lines()
                    .map(WARNING::matcher)
                    .filter(Matcher::find)
                    .forEach(warning -> log.warn("the Java runtime warns of server.javaOptions: {}", warning.group(1)));
        } catch (IOException e) {
            throw refused(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused("interrupted");
        }
    }

    private static StartException refused(String why) {
        return new StartException(List.of("the Java runtime refuses server.javaOptions: " + why));
    }
}
