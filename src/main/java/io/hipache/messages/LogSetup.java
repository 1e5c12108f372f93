package io.hipache.messages;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.hook.DefaultShutdownHook;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Sets Logback up for the messages of a process: all of them go to standard error. SLF4J finds this class by a system
 * property, and the class makes Logback's context itself. In Logback's own way, Java would look for services and
 * Logback for a file, in each start. Where the system property
 * {@code logback.configurationFile} names a file, that way is taken.
 */
public final class LogSetup implements SLF4JServiceProvider {
    private static final int QUEUE = 8192;
    private static final int LONGEST_FLUSH_MILLIS = 2000;

    /** Whether this JVM is a worker. */
    private static boolean worker;

    private final LoggerContext context = new LoggerContext();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter mdc = new LogbackMDCAdapter();

    /** The supervisor writes few messages and each at once, so that none is lost however the process ends. */
    public static void ofSupervisor() {
        use(false);
    }

    /**
     * A worker's messages name the process. They are written by a thread of their own, for the event loop must never wait for
     * whoever reads standard error. What is queued when the process ends in order is written by the shutdown hook.
     */
    public static void ofWorker() {
        use(true);
    }

    /** Without a call of this, Logback sets itself up, as in tests. */
    private static void use(boolean ofWorker) {
        if (System.getProperty("logback.configurationFile") == null) {
            worker = ofWorker;
            // SLF4J would say on standard error that it obeys
            System.getProperties().putIfAbsent("slf4j.internal.verbosity", "WARN");
            System.getProperties().putIfAbsent(LoggerFactory.PROVIDER_PROPERTY_KEY, LogSetup.class.getName());
        }
    }

    @Override
    public void initialize() {
        context.setName("default");
        context.setMDCAdapter(mdc);
        setUp(context);
        context.start();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return context;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return mdc;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    private static void setUp(LoggerContext log) {
        log.getLogger("io.hipache").setLevel(Level.toLevel(System.getProperty("hipache.logLevel"), Level.INFO));
        log.getLogger("io.netty").setLevel(Level.WARN);
        // says with a stack trace what the driver says in a line
        log.getLogger("io.lettuce").setLevel(Level.ERROR);
        Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        if (worker) {
            String pid = String.valueOf(ProcessHandle.current().pid());
            root.addAppender(queued(log, standardError(log, new MessageEncoder("(worker #" + pid + ") "))));
            RepeatFilter filter = new RepeatFilter();
            filter.start();
            log.addTurboFilter(filter);
        } else {
            root.addAppender(standardError(log, new MessageEncoder("")));
        }
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
