package io.hipache.messages;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.hook.DefaultShutdownHook;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Sets Logback up for the messages of a process: all of them go to standard error. Logback finds this class by its name in
 * {@code META-INF/services}. A file of XML would say the same, but to read one takes 150 ms of each start. A file that the
 * system property {@code logback.configurationFile} names goes first.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    /** The process that a JVM is. Without this system property Logback sets itself up, as in tests. */
    private static final String PROCESS = "hipache.messages";

    private static final String SUPERVISOR = "supervisor";
    private static final String WORKER = "worker";

    private static final int QUEUE = 8192;
    private static final int LONGEST_FLUSH_MILLIS = 2000;

    /** The supervisor writes few messages and each at once, so that none is lost however the process ends. */
    public static void ofSupervisor() {
        System.setProperty(PROCESS, SUPERVISOR);
    }

    /**
     * A worker's messages name the process. They are written by a thread of their own, for the event loop must never wait for
     * whoever reads standard error. What is queued when the process ends in order is written by the shutdown hook.
     */
    public static void ofWorker() {
        System.setProperty(PROCESS, WORKER);
    }

    @Override
    public ExecutionStatus configure(LoggerContext log) {
        String process = System.getProperty(PROCESS);
        if (process == null || System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        log.getLogger("io.hipache").setLevel(Level.toLevel(System.getProperty("hipache.logLevel"), Level.INFO));
        log.getLogger("io.netty").setLevel(Level.WARN);
        // says with a stack trace what the driver says in a line
        log.getLogger("io.lettuce").setLevel(Level.ERROR);
        Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        if (process.equals(WORKER)) {
            String pid = String.valueOf(ProcessHandle.current().pid());
            root.addAppender(queued(log, standardError(log, new MessageEncoder("(worker #" + pid + ") "))));
            RepeatFilter filter = new RepeatFilter();
            filter.start();
            log.addTurboFilter(filter);
        } else {
            root.addAppender(standardError(log, new MessageEncoder("")));
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext log, MessageEncoder encoder) {
        encoder.setContext(log);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(log);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static AsyncAppender queued(LoggerContext log, ConsoleAppender<ILoggingEvent> behind) {
        AsyncAppender queue = new AsyncAppender();
        queue.setContext(log);
        queue.setName("queue");
        queue.setQueueSize(QUEUE);
        queue.setNeverBlock(true);
        queue.setDiscardingThreshold(0);
        queue.setMaxFlushTime(LONGEST_FLUSH_MILLIS);
        queue.addAppender(behind);
        queue.start();
        DefaultShutdownHook hook = new DefaultShutdownHook();
        hook.setContext(log);
        Runtime.getRuntime().addShutdownHook(new Thread(hook, "last messages"));
        return queue;
    }
}
