package io.hipache.worker;

import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ProxyServices;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the error pages again when their files change, so that a page needs no reload (Hipache lib/httperror.js reads them for
 * each error). Looks at the files on a thread of its own, because a folder may be on a slow disk.
 */
final class PageWatch {
    private static final Logger log = LoggerFactory.getLogger(PageWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final Supplier<@Nullable ProxyServices> inForce;

    private PageWatch(EventLoop loop, Supplier<@Nullable ProxyServices> inForce) {
        this.loop = loop;
        this.inForce = inForce;
    }

    /** Begins, for the life of the process or of the loop. */
    static void start(EventLoop loop, Supplier<@Nullable ProxyServices> inForce) {
        Thread thread = new Thread(new PageWatch(loop, inForce)::watch, "error-pages");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!loop.isShuttingDown()) {
                Thread.sleep(EVERY.toMillis());
                ProxyServices services = inForce.get();
                if (services != null) {
                    look(services, loop.submit(services::pages).get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            log.debug("the error pages are watched no more: {}", e.toString());
        }
    }

    private void look(ProxyServices services, ErrorPages present) {
        if (!present.hasChanged()) {
            return;
        }
        ErrorPages read = ErrorPages.load(present.folder());
        log.info("the error pages in {} have changed and were read again", present.folder());
        loop.execute(() -> {
            // a reload may have brought others meanwhile
            if (services.pages() == present) {
                services.use(read);
            }
        });
    }
}
