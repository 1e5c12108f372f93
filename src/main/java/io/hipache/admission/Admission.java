package io.hipache.admission;

/**
 * The one place of a worker that says whether a connection, a request, a waiting request or more bytes may come in, and
 * counts what is in. Whoever is let in says so when it ends. Confined to the event loop.
 */
public final class Admission {
    private final AdmissionLimits limits;
    private int connections;
    private int requests;
    private long bodyBytes;

    public Admission(AdmissionLimits limits) {
        this.limits = limits;
    }

    /** Lets a client's connection in, or refuses it; {@link #connectionEnded} follows only the first. */
    public boolean admitConnection() {
        if (connections >= limits.connections()) {
            return false;
        }
        connections++;
        return true;
    }

    public void connectionEnded() {
        connections--;
    }

    /** Lets a request in, or refuses it; {@link #requestEnded} follows only the first. */
    public boolean admitRequest() {
        if (requests >= limits.requests()) {
            return false;
        }
        requests++;
        return true;
    }

    public void requestEnded() {
        requests--;
    }

    /** Whether an HTTP/2 connection may have one more stream; {@code open} counts the others. */
    public boolean admitsStream(int open) {
        return open < limits.streams();
    }

    /** Whether one more request may wait for a backend whose sockets are all in use; {@code waiting} do already. */
    public boolean admitsWaiting(int waiting) {
        return waiting < limits.waitingPerBackend();
    }

    /** Whether one more socket of a backend may be, or become, a tunnel; {@code tunnels} are already. */
    public boolean admitsTunnel(int tunnels) {
        return tunnels < limits.tunnelsPerBackend();
    }

    /** Whether more bytes of request bodies may be kept. */
    public boolean admitsBodyBytes() {
        return bodyBytes < limits.bodyBytes();
    }

    /** So many more bytes of request bodies are kept; fewer when the number is negative. */
    public void bodyBytesKept(long change) {
        bodyBytes += change;
    }

    /** Connections of clients that are open. */
    public int connections() {
        return connections;
    }

    /** Requests under way. */
    public int requests() {
        return requests;
    }

    /** Bytes of request bodies that are kept. */
    public long bodyBytes() {
        return bodyBytes;
    }
}
