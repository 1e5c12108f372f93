package io.hipache.driver.redis;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;

/**
 * A {@link Request} on its way through Lettuce, without the future, the argument list and the timer of Lettuce's own
 * commands: a look-up is made for every request.
 */
public final class WireCommand implements RedisCommand<String, String, Void> {

    private static final CommandArgs<String, String> NO_ARGUMENTS = new CommandArgs<>(StringCodec.UTF8);

    private final Request request;
    private CommandOutput<String, String, Void> output;
    private boolean done;

    public WireCommand(Request request, CommandOutput<String, String, Void> output) {
        this.request = request;
        this.output = output;
    }

    @Override
    public void encode(ByteBuf out) {
        request.encode(out);
    }

    @Override
    public void complete() {
        if (!done) {
            done = true;
            request.answered(output.getError());
        }
    }

    @Override
    public boolean completeExceptionally(Throwable cause) {
        if (done) {
            return false;
        }
        done = true;
        request.failed(cause);
        return true;
    }

    @Override
    public void cancel() {
        completeExceptionally(new CancellationException());
    }

    @Override
    public CommandOutput<String, String, Void> getOutput() {
        return output;
    }

    @Override
    public void setOutput(CommandOutput<String, String, Void> output) {
        this.output = output;
    }

    /** Only told to Lettuce's logging and metrics, which are off. */
    @Override
    public ProtocolKeyword getType() {
        return CommandType.EVALSHA;
    }

    @Override
    public CommandArgs<String, String> getArgs() {
        return NO_ARGUMENTS;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public boolean isDone() {
        return done;
    }
}
