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
 * A backend on a real socket of 127.0.0.1. It does what the test says and records its requests. It uses one daemon
 * thread for each connection and plain blocking sockets, so it shares no code with the program under test.
 * {@link #close} fails the test when a request was malformed or when a reply failed.
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

    /** Starts a backend that answers 200 with an empty body, until the test changes that. */
    public static TestBackend start() {
        return answering(Response.ok());
    }

    /** Starts a backend that answers 200 with its name as the body, until the test changes that. */
    public static TestBackend named(String name) {
        return answering(Response.ok(name));
    }

    public static TestBackend answering(Reply reply) {
        return on(InetAddress.getLoopbackAddress(), reply);
    }

    /** Starts a backend on another address, such as {@code ::1}. */
    public static TestBackend on(InetAddress address, Reply reply) {
        return new TestBackend(address, false, Response.ok()).answers(reply);
    }

    /** Starts a backend that speaks TLS. */
    public static TestBackend overTls(Reply reply) {
        return new TestBackend(InetAddress.getLoopbackAddress(), true, Response.ok()).answers(reply);
    }

    /** Uses this reply for every request from now on. */
    public TestBackend answers(Reply reply) {
        usualReply = reply;
        if (reply instanceof Misbehaviour.Refuse) {
            stopListening();
        } else if (listener.isClosed()) {
            listener = Listener.start(address, this::serve, failures);
        }
        return this;
    }

    /**
     * Uses these replies for the next requests, each once and in this order. After them, the usual reply is used again.
     */
    public TestBackend answersNext(Reply... replies) {
        for (Reply reply : replies) {
            if (reply instanceof Misbehaviour.Refuse) {
                throw new IllegalArgumentException("nobody can refuse for one request only");
            }
            nextReplies.add(reply);
        }
        return this;
    }

    /** Fails in this way from now on. {@link #answers} ends that, on the same port. */
    public TestBackend misbehaves(Misbehaviour misbehaviour) {
        return answers(misbehaviour);
    }

    public int port() {
        return address.getPort();
    }

    /** The address and port as a Host header or a URL has them, such as {@code 127.0.0.1:4711}. */
    public String authority() {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** The backend's URL as an entry of a frontend. */
    public String url() {
        return (tls ? "https://" : "http://") + authority();
    }

    /** All requests so far, in the order of their heads. */
    public List<ReceivedRequest> requests() {
        return List.copyOf(requests);
    }

    /** Waits for the head of the next request that was not returned here before. */
    public ReceivedRequest awaitRequest() {
        return Patience.take(unseenRequests, "a request to " + url());
    }

    /** How many connections were accepted since the start. */
    public int connections() {
        return connections.get();
    }

    /** How many connections are open. A close by the other side is noticed when the backend reads or writes. */
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
            // the other side or the test has ended the connection; the test decides whether that is right
            return;
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        } finally {
            // last, so that everything is recorded when the other side sees the connection end
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
            // tell a test that waits for the unread body that the body will not arrive
            request.end().completeExceptionally(new EOFException("the connection ended before the body"));
        }
    }
}
