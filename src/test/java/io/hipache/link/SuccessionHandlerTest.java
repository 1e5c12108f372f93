package io.hipache.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuccessionHandlerTest {
    private final List<SuccessionMessage> heard = new ArrayList<>();
    private boolean ended;
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new SuccessionHandler(4711, new SuccessionLink.Listener() {
                @Override
                public void received(SuccessionLink link, SuccessionMessage message) {
                    heard.add(message);
                }

                @Override
                public void closed(SuccessionLink link) {
                    ended = true;
                }
            }));

    static Stream<SuccessionMessage> messages() {
        return Stream.of(
                new SuccessionMessage.Hello(7, 3, true),
                new SuccessionMessage.Offer(
                        1,
                        "hipache-1",
                        "token",
                        List.of(
                                new SuccessionMessage.Offer.Socket("127.0.0.1", 80, 0, false),
                                new SuccessionMessage.Offer.Socket("::", 443, 1, true)),
                        ByteBuffer.wrap(new byte[96]),
                        false),
                new SuccessionMessage.Reload(),
                new SuccessionMessage.Upgrade(),
                new SuccessionMessage.Begun(),
                new SuccessionMessage.Ended(true, List.of("reload complete, 2 workers, no process was replaced")),
                new SuccessionMessage.Ended(false, List.of()),
                new SuccessionMessage.Complete(),
                new SuccessionMessage.Retiring(),
                new SuccessionMessage.Reopen(),
                new SuccessionMessage.Stop(),
                new SuccessionMessage.CalledOff("no \"worker\"\nserves, schade: größer"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsWhatWasWrittenByteForByte(SuccessionMessage message) throws IOException {
        for (byte one : SuccessionMessages.encode(message)) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {one}));
        }
        assertThat(heard).isEmpty();
        say("\n");

        assertThat(heard).containsExactly(message);
    }

    @Test
    void readsTwoMessagesAtOnce() {
        say("{\"type\": \"complete\"}\n{\"type\": \"reopen\"}\n");

        assertThat(heard).containsExactly(new SuccessionMessage.Complete(), new SuccessionMessage.Reopen());
    }

    @Test
    void takesNoOffenceAtWhatALaterVersionSays() {
        say("{\"type\": \"later\", \"more\": [1]}\n{\"type\": \"hello\", \"version\": 2, \"sets\": 1, \"more\": {}}\n");

        assertThat(heard).containsExactly(new SuccessionMessage.Hello(2, 1, false));
    }

    @Test
    void takesTheStoreOfAnEarlierVersionForUsable() {
        say(
                "{\"type\": \"offer\", \"version\": 1, \"handoverAddress\": \"\", \"token\": \"\", \"ticketKeys\": \"\"}\n");

        assertThat(heard).singleElement().isInstanceOfSatisfying(SuccessionMessage.Offer.class, offer -> assertThat(
                        offer.storeUsable())
                .isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "\n",
                "[]\n",
                "{\"type\": 1}\n",
                "{\"type\": \"hello\", \"version\": 1}\n",
                "{\"type\": \"hello\", \"version\": \"1\", \"sets\": 1}\n",
                "{\"type\": \"hello\", \"version\": 1, \"sets\": 4294967297}\n",
                "{\"type\": \"called-off\"}\n",
                "{\"type\": \"offer\", \"version\": 1, \"handoverAddress\": \"\", \"token\": \"\", \"ticketKeys\": \"!\"}\n"
            })
    void closesOnWhatIsNoMessage(String text) {
        say(text);

        assertThat(heard).isEmpty();
        assertThat(channel.isOpen()).isFalse();
        assertThat(ended).isTrue();
    }

    @Test
    void closesOnAMessageWithoutEnd() {
        say("x".repeat(SuccessionHandler.MAX_MESSAGE_BYTES));
        assertThat(channel.isOpen()).isTrue();

        say("x");

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void closesAConnectionThatSaysNothingIntelligible() {
        say("{\"type\": \"later\"}\n");

        channel.advanceTimeBy(31, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void neverShowsTokenOrKeys() {
        assertThat(messages().map(SuccessionMessage::toString)).noneMatch(text -> text.contains("token"));
    }

    private void say(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }
}
