package io.hipache.proxy;

import io.hipache.testing.RecordedLog;
import io.hipache.upstream.InMemoryChannel;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A client of HTTP/2 through the whole proxy to backends that answer every request. Each frame of the input is its type, its
 * flags, the number of its stream and the length of its payload, one byte each, and its payload; lengths are always right, so
 * that the fuzzer gets beyond the first frame. What the backends get is requests of HTTP/1.1 in strict form, one for each
 * exchange and no more. Nothing unexpected is logged, and nothing is left behind.
 */
public final class ProxiedFramesFuzz {
    private static final Path NO_PAGES = Path.of("target", "no-error-pages");
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";
    private static final int MOST_BYTES = 2048;

    private ProxiedFramesFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        try (RecordedLog log = RecordedLog.of("io.hipache")) {
            check(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MOST_BYTES)));
            if (!log.linesWith("unexpected").isEmpty()) {
                throw new AssertionError(log.lines());
            }
        }
    }

    private static void check(ByteBuffer frames) {
        InMemoryProxy proxy = new InMemoryProxy(NO_PAGES);
        proxy.driver.frontend("*", "site", "http://b:81");
        AnsweringBackends backends = new AnsweringBackends(proxy);
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
        InMemoryChannel client = new InMemoryChannel(memory, NetUtil.LOCALHOST4, Ticker.systemTicker());
        new Proxy(proxy.services()).serveHttp2(client);
        client.receive(PREFACE + SETTINGS);
        while (frames.remaining() >= 4 && client.isOpen()) {
            client.receive(frame(frames));
            while (backends.work()) {
                client.runPendingTasks();
                proxy.client().runPendingTasks();
            }
            client.sent();
        }
        client.close();
        client.runPendingTasks();
        backends.runPendingTasks();
        proxy.endWithoutALeak();
        client.finishAndReleaseAll();
        if (memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory() > 0) {
            throw new AssertionError("bytes of the client are not released");
        }
        backends.requireOneExchangeEach();
    }

    /** One character for each byte. */
    private static String frame(ByteBuffer frames) {
        byte type = frames.get();
        byte flags = frames.get();
        byte stream = frames.get();
        byte[] payload = new byte[Math.min(frames.get() & 0xff, frames.remaining())];
        frames.get(payload);
        byte[] head = {0, 0, (byte) payload.length, type, flags, 0, 0, 0, stream};
        return new String(head, StandardCharsets.ISO_8859_1) + new String(payload, StandardCharsets.ISO_8859_1);
    }
}
