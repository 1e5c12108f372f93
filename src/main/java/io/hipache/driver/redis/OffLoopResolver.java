package io.hipache.driver.redis;

import io.hipache.net.SystemLookup;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Resolves the name of a Redis server as the system does, with the hosts file and search domains. Each resolution has a
 * thread of its own: it may take seconds, and there is one for each connection only.
 */
final class OffLoopResolver extends AddressResolverGroup<InetSocketAddress> {

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new SystemNames(executor).asAddressResolver();
    }

    private static final class SystemNames extends InetNameResolver {

        SystemNames(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String name, Promise<InetAddress> promise) {
            start(() -> promise.trySuccess(SystemLookup.all(name)[0]), promise);
        }

        @Override
        protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
            start(() -> promise.trySuccess(Arrays.asList(SystemLookup.all(name))), promise);
        }

        private static void start(Resolution resolution, Promise<?> promise) {
            Runnable task = () -> {
                try {
                    resolution.run();
                } catch (UnknownHostException e) {
                    promise.tryFailure(e);
                }
            };
            Thread thread = new Thread(task, "redis-name");
            thread.setDaemon(true);
            thread.start();
        }

        private interface Resolution {
            void run() throws UnknownHostException;
        }
    }
}
