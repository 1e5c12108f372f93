package io.hipache.frontends;

import io.hipache.outcome.EndReason;
import io.hipache.routing.Backend;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One request to a backend, to find out whether it answers. It is a {@code GET} with the host of the frontend.
 *
 * @param path of the request
 * @param status that is expected, 0 for any below 500
 * @param body a text that the answer must have in its first bytes, null for any
 */
public record Probe(String path, int status, @Nullable String body) {

    /** What is asked where nothing else is configured. */
    public static final Probe ROOT = new Probe("/", 0, null);

    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final int MOST_BYTES = 64 * 1024;

    /**
     * The outcome.
     *
     * @param healthy whether the backend answered as expected
     * @param status of the answer, 0 when there was none
     * @param reason the word for what went wrong, null when there was an answer
     * @param words what went wrong, empty when nothing did
     * @param millis from the begin of the connect to the answer
     */
    public record Outcome(boolean healthy, int status, @Nullable EndReason reason, String words, long millis) {}

    /** Asks. Takes a few seconds at most. */
    public Outcome ask(Backend backend, String host) {
        long start = System.nanoTime();
        long end = start + LIMIT.toNanos();
        boolean connected = false;
        try (Socket plain = new Socket()) {
            InetSocketAddress address = new InetSocketAddress(backend.host(), backend.port());
            if (address.isUnresolved()) {
                throw new UnknownHostException(backend.host());
            }
            plain.connect(address, millisLeft(end));
            connected = true;
            plain.setSoTimeout(millisLeft(end));
            Socket socket = backend.tls() ? secured(plain, backend) : plain;
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host
                                    + "\r\nUser-Agent: hipache-check\r\nAccept: */*\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return judged(answer(socket, end), start);
        } catch (IOException e) {
            EndReason reason = reason(e, connected);
            return new Outcome(false, 0, reason, words(reason, e), millisSince(start));
        }
    }

    /** Certificates of backends are not verified by the proxy either. */
    private static Socket secured(Socket plain, Backend backend) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, backend.host(), backend.port(), true);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new SSLException(e);
        }
    }

    /** The first bytes of the answer: until the backend ends it, or enough of it is here. */
    private String answer(Socket socket, long end) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[MOST_BYTES];
        int length = 0;
        String text = "";
        while (length < MOST_BYTES) {
            if (length == 0 || body != null) {
                socket.setSoTimeout(millisLeft(end));
            }
            int read = in.read(bytes, length, MOST_BYTES - length);
            if (read < 0) {
                break;
            }
            length += read;
            text = new String(bytes, 0, length, StandardCharsets.UTF_8);
            if (text.contains("\n") && (body == null || text.contains(body))) {
                break;
            }
        }
        return text;
    }

    private Outcome judged(String answer, long start) {
        long millis = millisSince(start);
        if (answer.isEmpty()) {
            return new Outcome(false, 0, EndReason.BACKEND_DROPPED, "closes the connection without an answer", millis);
        }
        if (!answer.matches("(?s)HTTP/1\\.[01] [1-5]\\d\\d\\b.*")) {
            return new Outcome(false, 0, EndReason.INVALID_RESPONSE, "does not speak HTTP/1.1", millis);
        }
        int code = Integer.parseInt(answer.substring(9, 12));
        String fault = "";
        if (status > 0 ? code != status : code >= 500) {
            fault = code == 508
                    ? "says that the request has passed it before: the backend leads back to a proxy"
                    : status > 0 ? "expected status " + status : "answers with an error";
        } else if (body != null && !answer.contains(body)) {
            fault = "the answer lacks the expected text";
        }
        return new Outcome(fault.isEmpty(), code, null, fault, millis);
    }

    private static EndReason reason(IOException failure, boolean connected) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof UnknownHostException) {
            return EndReason.NAME_UNKNOWN;
        }
        if (connected) {
            return failure instanceof SocketTimeoutException
                    ? EndReason.BACKEND_SILENT
                    : failure instanceof SSLException ? EndReason.BACKEND_TLS_FAILED : EndReason.BACKEND_DROPPED;
        }
        if (failure instanceof SocketTimeoutException) {
            return EndReason.CONNECT_TIMED_OUT;
        }
        if (failure instanceof NoRouteToHostException || message.contains("unreachable")) {
            return EndReason.BACKEND_UNREACHABLE;
        }
        return failure instanceof ConnectException ? EndReason.CONNECT_REFUSED : EndReason.CONNECT_FAILED;
    }

    private static String words(EndReason reason, IOException failure) {
        return switch (reason) {
            case NAME_UNKNOWN -> "its name is unknown";
            case BACKEND_SILENT -> "no answer within " + LIMIT.toSeconds() + " s";
            case CONNECT_TIMED_OUT -> "no connection within " + LIMIT.toSeconds() + " s";
            case CONNECT_REFUSED -> "refuses the connection";
            case BACKEND_UNREACHABLE -> "cannot be reached from here";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static int millisLeft(long end) throws SocketTimeoutException {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) left;
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }
}
