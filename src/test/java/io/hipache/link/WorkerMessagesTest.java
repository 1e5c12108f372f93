package io.hipache.link;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.link.WorkerMessage.Adopt.Socket;
import io.hipache.snapshot.Entry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerMessagesTest {

    static Stream<WorkerMessage> messages() {
        return Stream.of(
                new WorkerMessage.Start("{\"driver\": \"redis://:pässword@\"}", 3, "address", true),
                new WorkerMessage.Stop(),
                new WorkerMessage.Ready(),
                new WorkerMessage.Ready("Redis at 127.0.0.1:6379 refuses the login"),
                new WorkerMessage.Failed("cannot read the certificate"),
                new WorkerMessage.Adopt("token", List.of(new Socket(7, 0), new Socket(9, 1))),
                new WorkerMessage.Adopted(List.of(7, 9)),
                new WorkerMessage.Release(List.of()),
                new WorkerMessage.Ping(41),
                new WorkerMessage.Pong(Integer.MIN_VALUE),
                new WorkerMessage.Pong(7, false),
                new WorkerMessage.Prepare(4, "{\"driver\": \"redis://:pässword@\"}"),
                new WorkerMessage.Prepared(4, ""),
                new WorkerMessage.Prepared(4, "Redis at 127.0.0.1:6379 refuses the login"),
                new WorkerMessage.Refused(4, "cannot read the certificate"),
                new WorkerMessage.Switch(4),
                new WorkerMessage.Switched(4),
                new WorkerMessage.Discard(4),
                new WorkerMessage.BackendDied("*.example.com", "http://10.0.0.1:80/é"),
                new WorkerMessage.Retire(),
                new WorkerMessage.ReplaceMe("800 MB of memory"),
                new WorkerMessage.TicketKeys(utf8("k".repeat(96))),
                new WorkerMessage.Figures(ByteBuffer.wrap(new byte[] {1, 2})),
                new WorkerMessage.Known("redis://127.0.0.1:6379/0", List.of()),
                new WorkerMessage.Known("redis://127.0.0.1:6379/0", List.of(entry("é.example"), entry("*"))),
                new WorkerMessage.AccessLog(utf8("one\ntwo\n")));
    }

    private static Entry entry(String name) {
        return requireNonNull(Entry.of(Entry.Kind.FRONTEND, name, 7, List.of("site", "http://a:80")));
    }

    @Test
    void takesWhatAWorkerHasLearnedOnlyWhereItFits() throws IOException {
        byte[] frame = frame(new WorkerMessage.Known("redis:", List.of(entry("a"))));
        byte[] longer = Arrays.copyOf(frame, frame.length + 1);
        longer[3]++;
        ByteArrayInputStream tooLong = new ByteArrayInputStream(
                ByteBuffer.allocate(5).putInt((512 << 10) + 2).put((byte) 21).array());

        assertThat(WorkerMessages.readFromWorker(new ByteArrayInputStream(frame)))
                .isEqualTo(new WorkerMessage.Known("redis:", List.of(entry("a"))));
        assertThatThrownBy(() -> WorkerMessages.readFromWorker(new ByteArrayInputStream(longer)))
                .isInstanceOf(LinkException.class)
                .hasMessage("a frame of type 21: an entry ends in its length");
        assertThatThrownBy(() -> WorkerMessages.readFromWorker(tooLong)).hasMessageContaining("and may have 524289");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsWhatItWrote(WorkerMessage message) throws IOException {
        byte[] frame = frame(message);

        WorkerMessage read = WorkerMessages.read(new ByteArrayInputStream(frame));

        assertThat(read).isEqualTo(message);
    }

    @Test
    void readsOneMessageAfterTheOtherUntilTheEnd() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WorkerMessages.write(new WorkerMessage.Ready(), out);
        WorkerMessages.write(new WorkerMessage.AccessLog(utf8("line\n")), out);
        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());

        assertThat(WorkerMessages.read(in)).isEqualTo(new WorkerMessage.Ready());
        assertThat(WorkerMessages.read(in)).isEqualTo(new WorkerMessage.AccessLog(utf8("line\n")));

        assertThat(WorkerMessages.read(in)).isNull();
    }

    @Test
    void takesTheRestOfAKilledProcessForTheEnd() throws IOException {
        byte[] frame = frame(new WorkerMessage.AccessLog(utf8("half a line\n")));

        for (int length = 0; length < frame.length; length++) {
            byte[] rest = Arrays.copyOf(frame, length);

            assertThat(WorkerMessages.read(new ByteArrayInputStream(rest)))
                    .as("of %s bytes", length)
                    .isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, WorkerMessages.MAX_FRAME_BYTES + 1, Integer.MAX_VALUE})
    void refusesAnImpossibleLengthBeforeReservingIt(int length) {
        byte[] frame = ByteBuffer.allocate(100).putInt(length).array();

        assertThatThrownBy(() -> WorkerMessages.read(new ByteArrayInputStream(frame)))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("is not possible");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void takesFromAWorkerWhatAWorkerSends(WorkerMessage message) throws IOException {
        byte[] frame = frame(message);
        boolean fromWorker = message instanceof WorkerMessage.Ready
                || message instanceof WorkerMessage.Failed
                || message instanceof WorkerMessage.Adopted
                || message instanceof WorkerMessage.Pong
                || message instanceof WorkerMessage.ReplaceMe
                || message instanceof WorkerMessage.Prepared
                || message instanceof WorkerMessage.Refused
                || message instanceof WorkerMessage.Switched
                || message instanceof WorkerMessage.BackendDied
                || message instanceof WorkerMessage.Known
                || message instanceof WorkerMessage.Figures
                || message instanceof WorkerMessage.AccessLog;

        if (fromWorker) {
            assertThat(WorkerMessages.readFromWorker(new ByteArrayInputStream(frame)))
                    .isEqualTo(message);
        } else {
            assertThatThrownBy(() -> WorkerMessages.readFromWorker(new ByteArrayInputStream(frame)))
                    .isInstanceOf(LinkException.class)
                    .hasMessage("a worker sends no frame of type " + frame[4]);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, 65537, 65536",
        "4, 65537, 65536",
        "5, 524290, 524289",
        "7, 65537, 65536",
        "10, 65537, 65536",
        "13, 7, 6",
        "15, 65537, 65536",
        "16, 65537, 65536",
        "18, 6, 5"
    })
    void reservesNoMoreForAMessageOfAWorkerThanItsTypeNeeds(int type, int length, int most) {
        byte[] frame = ByteBuffer.allocate(5).putInt(length).put((byte) type).array();

        assertThatThrownBy(() -> WorkerMessages.readFromWorker(new ByteArrayInputStream(frame)))
                .isInstanceOf(LinkException.class)
                .hasMessage("a frame of type " + type + " has " + length + " bytes, and may have " + most);
    }

    @Test
    void takesTheLongestBatchOfLines() throws IOException {
        WorkerMessage lines = new WorkerMessage.AccessLog(utf8("x".repeat(WorkerMessages.MAX_LINES_BYTES - 1) + "\n"));

        assertThat(WorkerMessages.readFromWorker(new ByteArrayInputStream(frame(lines))))
                .isEqualTo(lines);
    }

    @Test
    void refusesToSendForAWorkerWhatTheSupervisorWouldNotTake() {
        ByteBuffer tooMany = ByteBuffer.allocate(WorkerMessages.MAX_LINES_BYTES + 1);

        assertThatThrownBy(() -> frame(new WorkerMessage.AccessLog(tooMany)))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("too long to send");
    }

    @Test
    void refusesWhatIsNoMessage() {
        assertMalformed(new byte[] {99}, "there is no frame of type 99");
        assertMalformed(new byte[] {2, 0}, "type 2 is too long");
        assertMalformed(new byte[] {13, 0, 0, 0, 7}, "type 13 is too short");
        assertMalformed(new byte[] {4}, "type 4 is too short");
        assertMalformed(new byte[] {4, 0x7f, 0, 0, 0}, "type 4 is too short");
        assertMalformed(new byte[] {4, -1, -1, -1, -1}, "type 4 is too short");
        assertMalformed(new byte[] {10, 0, 0, 0, 7, 0}, "type 10 is too short");
        assertMalformed(new byte[] {12}, "type 12 is too short");
        assertMalformed(new byte[] {1, 0, 0, 0, 0, 0, 0}, "type 1 is too short");
    }

    @Test
    void takesPrintedTextForNoMessage() {
        byte[] text = "Exception in thread main".getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> WorkerMessages.read(new ByteArrayInputStream(text)))
                .isInstanceOf(LinkException.class)
                .hasMessage("instead of a message it wrote \"Exception in thread main\"");
    }

    @Test
    void showsTheBeginningOfALongTextOnly() {
        byte[] text =
                "Terminating due to java.lang.OutOfMemoryError\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> WorkerMessages.read(new ByteArrayInputStream(text)))
                .isInstanceOf(LinkException.class)
                .hasMessageStartingWith("instead of a message it wrote \"Terminating due to java.lang.OutOfMemoryError")
                .satisfies(thrown -> assertThat(thrown.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void cutsALongReason() throws IOException {
        byte[] failed = frame(new WorkerMessage.Failed("x".repeat(5_000)));

        assertThat(WorkerMessages.readFromWorker(new ByteArrayInputStream(failed)))
                .isEqualTo(new WorkerMessage.Failed("x".repeat(WorkerMessages.MAX_REASON_CHARS) + "…"));
    }

    @Test
    void takesNoUnfinishedLineOfTheAccessLog() throws IOException {
        byte[] torn = frame(new WorkerMessage.AccessLog(utf8("whole\nhalf")));

        assertThatThrownBy(() -> WorkerMessages.readFromWorker(new ByteArrayInputStream(torn)))
                .isInstanceOf(LinkException.class)
                .hasMessage("the last line of the access log has no end");
    }

    @Test
    void refusesToSendWhatTheOtherSideWouldNotTake() {
        String endless = "x".repeat(WorkerMessages.MAX_FRAME_BYTES);

        assertThatThrownBy(() -> frame(new WorkerMessage.Failed(endless))).isInstanceOf(LinkException.class);
    }

    @Test
    void showsNoSecretInALogLine() {
        assertThat(new WorkerMessage.Start("password", 0, "address", false)).hasToString("Start[slot=0]");
        assertThat(new WorkerMessage.Prepare(4, "password")).hasToString("Prepare[number=4]");
        assertThat(new WorkerMessage.Adopt("token", List.of(new Socket(7, 0))))
                .hasToString("Adopt[Socket[id=7, listener=0]]");
    }

    private static void assertMalformed(byte[] body, String message) {
        byte[] frame = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .array();

        assertThatThrownBy(() -> WorkerMessages.read(new ByteArrayInputStream(frame)))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining(message);
    }

    private static byte[] frame(WorkerMessage message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WorkerMessages.write(message, out);
        return out.toByteArray();
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
