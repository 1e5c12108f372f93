package io.hipache.link;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Handles Unix signals. Uses {@code sun.misc.Signal} of the module {@code jdk.unsupported}, because Java has no other way to
 * continue after a signal. Uses reflection, because the compiler's warning about that class cannot be suppressed.
 */
public final class ProcessSignals {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";
    private static final String IGNORED = "SigIgn:";

    private ProcessSignals() {}

    /**
     * Calls {@code action} at each signal, on a separate thread. A signal that the parent process has set to be ignored
     * ({@code nohup}) stays ignored.
     *
     * @param name without {@code SIG}
     */
    public static void handle(String name, Runnable action) {
        try {
            Class<?> type = Class.forName(HANDLER);
            Object handler = Proxy.newProxyInstance(
                    ProcessSignals.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            install(name, type, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle SIG" + name, e);
        }
    }

    /**
     * Which of these signals this process ignores: those that {@link #handle} could not take over, because they were ignored
     * when the process began. Empty where the system does not tell: only Linux does, in /proc/self/status (proc_pid_status(5)).
     *
     * @param names without {@code SIG}
     */
    public static List<String> ignored(List<String> names) {
        long mask;
        try {
            mask = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(IGNORED))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(IGNORED.length()).strip(), 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException noLinux) {
            return List.of();
        }
        return names.stream()
                .filter(name -> (mask >>> (number(name) - 1) & 1) != 0)
                .toList();
    }

    private static int number(String name) {
        try {
            Class<?> type = Class.forName(SIGNAL);
            return (int) type.getMethod("getNumber")
                    .invoke(type.getConstructor(String.class).newInstance(name));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no signal SIG" + name, e);
        }
    }

    /** Ignores these signals. */
    public static void ignore(String... names) {
        try {
            Class<?> type = Class.forName(HANDLER);
            Object ignore = type.getField("SIG_IGN").get(null);
            for (String name : names) {
                install(name, type, ignore);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot ignore " + String.join(" ", names), e);
        }
    }

    private static void install(String name, Class<?> handlerType, Object handler) throws ReflectiveOperationException {
        Class<?> type = Class.forName(SIGNAL);
        Object signal = type.getConstructor(String.class).newInstance(name);
        try {
            type.getMethod("handle", type, handlerType).invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the Java runtime keeps SIG" + name + " for itself", e.getCause());
        }
    }
}
