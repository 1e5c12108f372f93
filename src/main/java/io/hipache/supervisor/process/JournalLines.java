package io.hipache.supervisor.process;

import io.hipache.messages.LogStyle;
import io.hipache.messages.MessageLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts the priority in front of each line, as systemd's journal reads it (sd-daemon(3)): {@code <3>} for an error. The time of
 * a line is left out, because the journal shows its own, unless {@code server.logTime} asks for the longer one. Confined to
 * the lock of its writer.
 */
final class JournalLines implements Consumer<ByteBuffer> {
    private static final Pattern TIME = Pattern.compile("^" + LogStyle.SHORT_STAMP + " - ");

    private final Consumer<ByteBuffer> journal;
    private int priority = 6;

    JournalLines(Consumer<ByteBuffer> journal) {
        this.journal = journal;
    }

    /** Whether the standard error of this process is the journal of systemd (systemd.exec(5), {@code JOURNAL_STREAM}). */
    static boolean areWanted(Map<String, String> environment) {
        @Nullable String journal = environment.get("JOURNAL_STREAM");
        return journal != null && journal.equals(deviceAndInode(Path.of("/proc/self/fd/2")));
    }

    private static String deviceAndInode(Path file) {
        try {
            return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** @param lines whole lines */
    @Override
    public void accept(ByteBuffer lines) {
        StringBuilder all = new StringBuilder();
        StandardCharsets.UTF_8.decode(lines).toString().lines().forEach(line -> {
            priority = MessageLevel.priority(line, priority);
            String text = TIME.matcher(line).replaceFirst("");
            all.append('<').append(priority).append('>').append(text).append('\n');
        });
        journal.accept(ByteBuffer.wrap(all.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
