package io.hipache.driver.redis;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the rare commands, whose reply is a word, an error or of no interest. */
public final class PlainRequest implements Request {

    /** What came of a command. */
    public interface Outcome {
        /**
         * Called once.
         *
         * @param value the last string of the reply, null when it has none
         * @param error the error reply, or why there is none, null when all went well
         */
        void of(@Nullable String value, @Nullable String error);
    }

    private final List<String> arguments;
    private final Outcome outcome;
    private final Reply reply = new Reply();

    private PlainRequest(Outcome outcome, List<String> arguments) {
        this.arguments = arguments;
        this.outcome = outcome;
    }

    public static WireCommand command(Outcome outcome, String... arguments) {
        PlainRequest request = new PlainRequest(outcome, List.of(arguments));
        return new WireCommand(request, request.reply);
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, arguments.size());
        arguments.forEach(argument -> Resp.bulk(out, argument));
    }

    @Override
    public void answered(@Nullable String error) {
        outcome.of(reply.value, error);
    }

    @Override
    public void failed(Throwable cause) {
        outcome.of(null, String.valueOf(cause.getMessage()));
    }

    /** Takes any reply, nested ones included. */
    private static final class Reply extends CommandOutput<String, String, Void> {

        private @Nullable String value;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply() {
            super(StringCodec.UTF8, null);
        }

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            value = bytes == null ? null : StandardCharsets.UTF_8.decode(bytes).toString();
        }

        @Override
        public void setSingle(@Nullable ByteBuffer bytes) {
            set(bytes);
        }

        @Override
        public void set(long number) {
            value = Long.toString(number);
        }

        @Override
        public void multi(int count) {}
    }
}
