package io.hipache.link;

import static io.hipache.link.FrameType.ACCESS_LOG;
import static io.hipache.link.FrameType.ADOPT;
import static io.hipache.link.FrameType.ADOPTED;
import static io.hipache.link.FrameType.BACKEND_DIED;
import static io.hipache.link.FrameType.DISCARD;
import static io.hipache.link.FrameType.FAILED;
import static io.hipache.link.FrameType.FIGURES;
import static io.hipache.link.FrameType.KNOWN;
import static io.hipache.link.FrameType.PING;
import static io.hipache.link.FrameType.PONG;
import static io.hipache.link.FrameType.PREPARE;
import static io.hipache.link.FrameType.PREPARED;
import static io.hipache.link.FrameType.READY;
import static io.hipache.link.FrameType.REFUSED;
import static io.hipache.link.FrameType.RELEASE;
import static io.hipache.link.FrameType.REPLACE_ME;
import static io.hipache.link.FrameType.RETIRE;
import static io.hipache.link.FrameType.START;
import static io.hipache.link.FrameType.STOP;
import static io.hipache.link.FrameType.SWITCH;
import static io.hipache.link.FrameType.SWITCHED;
import static io.hipache.link.FrameType.TICKET_KEYS;

import io.hipache.snapshot.Entry;
import io.hipache.snapshot.MalformedEntryException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@link WorkerMessage}s as frames, and reads them. A frame has four bytes with the length of the rest (big endian), one byte with
 * the type, and the fields. A string has four bytes with its length, and its bytes in UTF-8.
 */
public final class WorkerMessages {
    /** The longest message to a worker: a whole configuration with its certificates. */
    static final int MAX_FRAME_BYTES = 16 << 20;

    /**
     * The longest batch of access-log lines. A batch ends with the line that reaches 60 KiB. That line may have 160 KiB: a request
     * head of 32 KiB and an identifier of 8 KiB, with each byte escaped as four. In JSON it may have some 320 KiB: each byte is
     * escaped as six, and there are up to nine URLs of backends.
     */
    static final int MAX_LINES_BYTES = 512 << 10;

    /** The longest of the other messages of a worker: a reason, or the numbers of its sockets. */
    static final int MAX_SHORT_BYTES = 64 << 10;

    /** A host, and an entry of 1,000 characters, which is longer than those that are marked. */
    static final int MAX_DEATH_BYTES = 4 << 10;

    /** A longer reason of a worker is cut. */
    static final int MAX_REASON_CHARS = 1_000;

    /** So much of what is no message is shown in a log line. */
    private static final int SHOWN_BYTES = 200;

    static final int LENGTH_BYTES = 4;
    static final int INT_BYTES = 4;

    private WorkerMessages() {}

    /** Writes one frame with a single call of {@code write}, and flushes it. */
    public static void write(WorkerMessage message, OutputStream out) throws IOException {
        byte[] frame = WorkerFrames.encode(message);
        int length = frame.length - LENGTH_BYTES;
        if (length > MAX_FRAME_BYTES
                || (isFromWorker(frame[LENGTH_BYTES]) && length > mostFromWorker(frame[LENGTH_BYTES]))) {
            throw new LinkException("a message of " + frame.length + " bytes is too long to send");
        }
        out.write(frame);
        out.flush();
    }

    /**
     * Reads one frame that the supervisor has sent. Blocks until the whole frame has arrived.
     *
     * @return null at the end of the stream, even within a frame, because a killed process may leave an incomplete frame
     * @throws LinkException when the bytes are not a frame
     */
    public static @Nullable WorkerMessage read(InputStream in) throws IOException {
        return read(in, false);
    }

    /**
     * As {@link #read}, for a frame that a worker has sent. The supervisor does not trust a worker: it takes only messages that
     * workers send, and reserves for each type no more than the type needs.
     */
    public static @Nullable WorkerMessage readFromWorker(InputStream in) throws IOException {
        return read(in, true);
    }

    private static @Nullable WorkerMessage read(InputStream in, boolean fromWorker) throws IOException {
        byte[] frame;
        try {
            DataInputStream data = new DataInputStream(in);
            int length = data.readInt();
            if (length < 1 || length > MAX_FRAME_BYTES) {
                throw noFrame(length, in);
            }
            byte type = data.readByte();
            if (fromWorker) {
                checkFromWorker(type, length);
            }
            frame = new byte[length];
            frame[0] = type;
            data.readFully(frame, 1, length - 1);
        } catch (EOFException e) {
            return null;
        }
        return message(frame);
    }

    private static WorkerMessage message(byte[] frame) throws LinkException {
        try {
            ByteBuffer fields = ByteBuffer.wrap(frame);
            WorkerMessage message = decode(fields);
            if (fields.hasRemaining()) {
                throw new LinkException("a frame of type " + frame[0] + " is too long");
            }
            return message;
        } catch (BufferUnderflowException e) {
            throw new LinkException("a frame of type " + frame[0] + " is too short");
        }
    }

    /** Somebody else may have printed to the pipe, such as the JVM its last words. Their beginning tells who. */
    private static LinkException noFrame(int length, InputStream in) throws IOException {
        byte[] begin = ByteBuffer.allocate(LENGTH_BYTES + Math.min(in.available(), SHOWN_BYTES))
                .putInt(length)
                .array();
        in.readNBytes(begin, LENGTH_BYTES, begin.length - LENGTH_BYTES);
        for (int i = 0; i < LENGTH_BYTES; i++) {
            if (begin[i] < ' ' && begin[i] != '\n' && begin[i] != '\r' && begin[i] != '\t') {
                return new LinkException("a frame of " + Integer.toUnsignedString(length) + " bytes is not possible");
            }
        }
        String text = new String(begin, StandardCharsets.UTF_8).strip();
        return new LinkException("instead of a message it wrote \"" + text + "\"");
    }

    private static void checkFromWorker(byte type, int length) throws LinkException {
        if (!isFromWorker(type)) {
            throw new LinkException("a worker sends no frame of type " + type);
        }
        if (length > mostFromWorker(type)) {
            throw new LinkException(
                    "a frame of type " + type + " has " + length + " bytes, and may have " + mostFromWorker(type));
        }
    }

    private static boolean isFromWorker(byte type) {
        return switch (type) {
            case READY, FAILED, REPLACE_ME, ADOPTED, PONG, ACCESS_LOG, PREPARED, REFUSED, SWITCHED -> true;
            case BACKEND_DIED, KNOWN, FIGURES -> true;
            default -> false;
        };
    }

    /** The most bytes of a frame of this type, with its type. */
    private static int mostFromWorker(byte type) {
        return switch (type) {
            case PONG -> 1 + INT_BYTES + 1;
            case SWITCHED -> 1 + INT_BYTES;
            case ACCESS_LOG, KNOWN, FIGURES -> 1 + MAX_LINES_BYTES;
            case BACKEND_DIED -> MAX_DEATH_BYTES;
            default -> MAX_SHORT_BYTES;
        };
    }

    private static WorkerMessage decode(ByteBuffer fields) throws LinkException {
        byte type = fields.get();
        return switch (type) {
            case START -> new WorkerMessage.Start(string(fields), fields.getInt(), string(fields), fields.get() != 0);
            case STOP -> new WorkerMessage.Stop();
            case READY -> new WorkerMessage.Ready(reason(fields));
            case FAILED -> new WorkerMessage.Failed(reason(fields));
            case RETIRE -> new WorkerMessage.Retire();
            case REPLACE_ME -> new WorkerMessage.ReplaceMe(reason(fields));
            case TICKET_KEYS -> new WorkerMessage.TicketKeys(rest(fields));
            case ADOPT -> new WorkerMessage.Adopt(string(fields), sockets(fields));
            case ADOPTED -> new WorkerMessage.Adopted(numbers(fields));
            case RELEASE -> new WorkerMessage.Release(numbers(fields));
            case PING -> new WorkerMessage.Ping(fields.getInt());
            case PONG -> new WorkerMessage.Pong(fields.getInt(), fields.get() != 0);
            case PREPARE -> new WorkerMessage.Prepare(fields.getInt(), string(fields));
            case PREPARED -> new WorkerMessage.Prepared(fields.getInt(), reason(fields));
            case REFUSED -> new WorkerMessage.Refused(fields.getInt(), reason(fields));
            case SWITCH -> new WorkerMessage.Switch(fields.getInt());
            case SWITCHED -> new WorkerMessage.Switched(fields.getInt());
            case DISCARD -> new WorkerMessage.Discard(fields.getInt());
            case BACKEND_DIED -> new WorkerMessage.BackendDied(string(fields), string(fields));
            case ACCESS_LOG -> new WorkerMessage.AccessLog(lines(fields));
            case FIGURES -> new WorkerMessage.Figures(rest(fields));
            case KNOWN -> new WorkerMessage.Known(string(fields), entries(fields));
            default -> throw new LinkException("there is no frame of type " + type);
        };
    }

    private static String reason(ByteBuffer fields) {
        String reason = string(fields);
        return reason.length() <= MAX_REASON_CHARS ? reason : reason.substring(0, MAX_REASON_CHARS) + "…";
    }

    /** The lines of several workers share a file, so none of them may leave a line unfinished. */
    private static ByteBuffer lines(ByteBuffer fields) throws LinkException {
        ByteBuffer lines = rest(fields);
        if (lines.hasRemaining() && lines.get(lines.limit() - 1) != '\n') {
            throw new LinkException("the last line of the access log has no end");
        }
        return lines;
    }

    private static ByteBuffer rest(ByteBuffer fields) {
        ByteBuffer rest = fields.slice();
        fields.position(fields.limit());
        return rest;
    }

    private static List<WorkerMessage.Adopt.Socket> sockets(ByteBuffer fields) {
        List<WorkerMessage.Adopt.Socket> sockets = new ArrayList<>();
        while (fields.hasRemaining()) {
            sockets.add(new WorkerMessage.Adopt.Socket(fields.getInt(), fields.getInt()));
        }
        return sockets;
    }

    private static List<Integer> numbers(ByteBuffer fields) {
        List<Integer> numbers = new ArrayList<>();
        while (fields.hasRemaining()) {
            numbers.add(fields.getInt());
        }
        return numbers;
    }

    private static List<Entry> entries(ByteBuffer fields) throws LinkException {
        try {
            return Entry.readAll(fields);
        } catch (MalformedEntryException e) {
            throw new LinkException("a frame of type " + KNOWN + ": " + e.getMessage());
        }
    }

    private static String string(ByteBuffer fields) {
        int length = fields.getInt();
        if (length < 0 || length > fields.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = StandardCharsets.UTF_8
                .decode(fields.slice(fields.position(), length))
                .toString();
        fields.position(fields.position() + length);
        return text;
    }
}
