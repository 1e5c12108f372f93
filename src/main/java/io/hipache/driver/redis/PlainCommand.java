package io.hipache.driver.redis;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command that is sent rarely. Its reply is one word or an error, or does not matter. */
public final class PlainCommand implements RedisCommand {

    /** Receives the reply. */
    public interface ReplyCallback {
        /**
         * Called once.
         *
         * @param value the last string of the reply, null when the reply has none
         * @param error the error reply, or {@link RedisLink#LOST} when there is none; null when all went well
         */
        void replied(@Nullable String value, @Nullable String error);
    }

    private final ReplyCallback callback;
    private final List<String> arguments;
    private final Reply reply = new Reply();

    public PlainCommand(ReplyCallback callback, String... arguments) {
        this.callback = callback;
        this.arguments = List.of(arguments);
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, arguments.size());
        arguments.forEach(argument -> Resp.bulk(out, argument));
    }

    @Override
    public CommandOutput<String, String, Void> output() {
        return reply;
    }

    @Override
    public void answered(@Nullable String error) {
        callback.replied(reply.value, error);
    }

    @Override
    public void failed(Throwable cause) {
        callback.replied(null, RedisLink.LOST);
    }

    /** Takes any reply, also a nested one. */
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
