package io.hipache.testing;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend on a real socket of 127.0.0.1 that does what the test says and remembers what it got. One daemon thread a
 * connection, plain blocking sockets: nothing in it is shared with the program under test. {@link #close} fails the test
 * when a request was malformed or a reply went wrong.
 */
public final class TestBackend implements AutoCloseable {
    private final InetSocketAddress address;
    private final boolean tls;
    private final Deque<Reply> nextReplies = new ConcurrentLinkedDeque<>();
    private final List<ReceivedRequest> requests = new CopyOnWriteArrayList<>();
    private final BlockingQueue<ReceivedRequest> unseenRequests = new LinkedBlockingQueue<>();
    private final Set<Wire> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile Reply usualReply;
    private volatile Listener listener;

    private TestBackend(InetAddress address, boolean tls, Reply usualReply) {
        this.tls = tls;
        this.usualReply = usualReply;
        this.listener = Listener.start(new InetSocketAddress(address, 0), this::serve, failures);
        this.address = listener.address();
    }

    /** Answers 200 with an empty body until told otherwise. */
    public static TestBackend start() {
        return answering(Response.ok());
    }

    /** Answers 200 with its name as the body until told otherwise. */
    public static TestBackend named(String name) {
        return answering(Response.ok(name));
    }

    public static TestBackend answering(Reply reply) {
        return on(InetAddress.getLoopbackAddress(), reply);
    }

    /** For a backend on {@code ::1}, say. */
    public static TestBackend on(InetAddress address, Reply reply) {
        return new TestBackend(address, false, Response.ok()).answers(reply);
    }

    /** A backend that is spoken to over TLS. */
    public static TestBackend overTls(Reply reply) {
        return new TestBackend(InetAddress.getLoopbackAddress(), true, Response.ok()).answers(reply);
    }

    /** From now on, does this with every request. */
    public TestBackend answers(Reply reply) {
        usualReply = reply;
        if (reply instanceof Misbehaviour.Refuse) {
            stopListening();
        } else if (listener.isClosed()) {
            listener = Listener.start(address, this::serve, failures);
        }
        return this;
    }

    /** Does these with the next requests, each once and in this order, and then the usual again. */
    public TestBackend answersNext(Reply... replies) {
        for (Reply reply : replies) {
            if (reply instanceof Misbehaviour.Refuse) {
                throw new IllegalArgumentException("nobody can refuse for one request only");
            }
            nextReplies.add(reply);
        }
        return this;
    }

    /** From now on, fails in this way; {@link #answers} mends it, on the same port. */
    public TestBackend misbehaves(Misbehaviour misbehaviour) {
        return answers(misbehaviour);
    }

    public int port() {
        return address.getPort();
    }

    /** {@code 127.0.0.1:4711}, as a Host header or the rest of a URL has it. */
    public String authority() {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** As an entry of a frontend. */
    public String url() {
        return (tls ? "https://" : "http://") + authority();
    }

    /** All requests until now, in the order of their heads. */
    public List<ReceivedRequest> requests() {
        return List.copyOf(requests);
    }

    /** Waits for the head of the next request that was not returned here before. */
    public ReceivedRequest awaitRequest() {
        return Patience.take(unseenRequests, "a request to " + url());
    }

    /** How many connections were ever accepted. */
    public int connections() {
        return connections.get();
    }

    /** How many of them are open; one that the other side closed is noticed when the backend reads or writes. */
    public int openConnections() {
        return open.size();
    }

    @Override
    public void close() {
        stopListening();
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("a backend had " + failures.size() + " failures");
            failures.forEach(error::addSuppressed);
            throw error;
        }
    }

    private void stopListening() {
        listener.close();
        open.forEach(Wire::abandon);
    }

    private void serve(Socket socket) throws IOException {
        Wire wire = new Wire(socket, tls, connections.incrementAndGet());
        Reply first = nextReplies.peek();
        if ((first != null ? first : usualReply) instanceof Misbehaviour.ResetOnConnect) {
            nextReplies.poll();
            wire.reset();
            return;
        }
        open.add(wire);
        Thread thread = new Thread(() -> serve(wire), "backend connection");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Wire wire) {
        try {
            converse(wire);
        } catch (IOException gone) {
            // the other side, or the test, has ended the connection: whether rightly is for the test to say
            return;
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        } finally {
            // last, so that whoever sees the connection end finds everything written down
            open.remove(wire);
            wire.abandon();
        }
    }

    private void converse(Wire wire) throws IOException {
        for (ReceivedRequest request = wire.readRequest(); request != null; request = wire.readRequest()) {
            requests.add(request);
            unseenRequests.add(request);
            Reply next = nextReplies.poll();
            serve(request, next != null ? next : usualReply, wire);
        }
    }

    private static void serve(ReceivedRequest request, Reply reply, Wire wire) throws IOException {
        try {
            reply.answer(request, wire);
            if (wire.isOpen()) {
                wire.readBody(request);
            }
        } finally {
            // whoever waits for a body that was left unread learns that it will not come
            request.end().completeExceptionally(new EOFException("the connection ended before the body"));
        }
    }
}
