package io.hipache.supervisor.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a worker is started: with the Java and the class path of the supervisor, and flags that keep it small. Nothing here
 * comes from the configuration, which may hold secrets: any user of the machine can read a command line.
 *
 * @param prefix what starts the Java runtime, see {@link WorkerPrivileges}; empty when nothing has to
 * @param program the main class and its arguments
 */
public record WorkerCommandLine(List<String> prefix, List<String> program) {

    /** A worker of this program. */
    public static final WorkerCommandLine HIPACHE = new WorkerCommandLine(List.of("io.hipache.Main", "worker"));

    private static final List<String> FLAGS = List.of(
            // one event loop makes little garbage that lives: the collector without threads and side tables is the best
            "-XX:+UseSerialGC",
            // what lives is a few MB; bodies are in direct memory
            "-XX:InitialHeapSize=24m",
            "-XX:MinHeapSize=12m",
            // room for the garbage of some hundred requests between two collections, however large the heap may become
            "-XX:NewSize=8m",
            "-XX:MaxNewSize=21m",
            // the default of 21 MB costs two full collections while the classes are loaded
            "-XX:MetaspaceSize=48m",
            // what the start used and nobody needs any more goes back to the system
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=30",
            "-XX:ReservedCodeCacheSize=48m",
            // few threads, no deep recursion
            "-Xss512k",
            // arenas for the one loop only, in chunks of 1 MiB instead of 4
            "-Dio.netty.allocator.type=pooled",
            "-Dio.netty.allocator.numHeapArenas=1",
            "-Dio.netty.allocator.numDirectArenas=1",
            "-Dio.netty.allocator.maxOrder=7",
            // gives back what the compilers took at the start; Java before 17.0.9 does not know it
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:TrimNativeHeapInterval=10000",
            // standard output is for messages to the supervisor; the JVM's own words go where the log goes
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            // a worker without memory is replaced, which is better than one that half works
            "-XX:+ExitOnOutOfMemoryError",
            // no file in /tmp/hsperfdata that outlives a killed worker and is written while it runs
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            // what BoringSSL does by itself, of Java's TLS where that has to do: no renegotiation, good curves only
            "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
            "-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1",
            // sampled stack traces of buffers cost 3 % of the CPU; the tests look for leaks
            "-Dio.netty.leakDetection.level=disabled",
            // no flight recorder listens to Netty's events, nor to Lettuce's, which take 200 ms of a start
            "-Dio.netty.jfr.enabled=false",
            "-Dio.lettuce.core.jfr=false");

    /** Netty loads its epoll transport; without this, newer versions of Java print a warning. */
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    /** Netty frees direct memory through sun.misc.Unsafe, of which Java warns from 24 on. */
    private static final String UNSAFE_ACCESS = "--sun-misc-unsafe-memory-access=allow";

    private static final int FIRST_WITH_UNSAFE_WARNING = 24;

    public WorkerCommandLine {
        prefix = List.copyOf(prefix);
        program = List.copyOf(program);
    }

    public WorkerCommandLine(List<String> program) {
        this(List.of(), program);
    }

    /** The same program, started by {@code other}. */
    WorkerCommandLine after(List<String> other) {
        return new WorkerCommandLine(other, program);
    }

    /** @param memoryLimit {@code server.memoryLimit}, in MB */
    List<String> words(int memoryLimit) {
        List<String> words = new ArrayList<>(prefix);
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(FLAGS);
        words.addAll(WorkerMemory.of(memoryLimit).flags());
        words.addAll(ClassArchive.flags());
        words.add(NATIVE_ACCESS);
        if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_WARNING) {
            words.add(UNSAFE_ACCESS);
        }
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.addAll(program);
        return words;
    }
}
