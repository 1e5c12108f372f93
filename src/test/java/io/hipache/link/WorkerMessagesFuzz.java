package io.hipache.link;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker writes to its pipe. It is messages up to the end of the stream or up to a {@link LinkException}, however the
 * bytes arrive; and each message is read as the same when it is written again.
 */
public final class WorkerMessagesFuzz {
    private WorkerMessagesFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        List<WorkerMessage> messages = messages(new ByteArrayInputStream(bytes));
        List<WorkerMessage> slow = messages(oneByOne(bytes));
        if (!messages.equals(slow)) {
            throw new AssertionError(messages + " are read slowly as " + slow);
        }
        for (WorkerMessage message : messages) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            WorkerMessages.write(message, frame);
            WorkerMessage again = WorkerMessages.read(new ByteArrayInputStream(frame.toByteArray()));
            if (!message.equals(again) || message.toString().isBlank()) {
                throw new AssertionError(message + " is read as " + again);
            }
        }
    }

    private static List<WorkerMessage> messages(InputStream in) throws IOException {
        List<WorkerMessage> messages = new ArrayList<>();
        for (WorkerMessage message = next(in); message != null; message = next(in)) {
            messages.add(message);
        }
        return messages;
    }

    private static @Nullable WorkerMessage next(InputStream in) throws IOException {
        try {
            return WorkerMessages.read(in);
        } catch (LinkException e) {
            return null;
        }
    }

    private static InputStream oneByOne(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, 1));
            }
        };
    }
}
