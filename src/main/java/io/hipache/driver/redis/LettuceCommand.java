package io.hipache.driver.redis;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;

/**
 * Carries a {@link RedisCommand} through Lettuce. Lettuce's own commands have a future, a list of arguments and a timer each;
 * this one has none of them, because there is one command for every request or few.
 */
final class LettuceCommand implements io.lettuce.core.protocol.RedisCommand<String, String, Void> {

    private static final CommandArgs<String, String> NO_ARGUMENTS = new CommandArgs<>(StringCodec.UTF8);

    private final RedisCommand command;
    private CommandOutput<String, String, Void> output;
    private boolean done;

    LettuceCommand(RedisCommand command) {
        this.command = command;
        this.output = command.output();
    }

    @Override
    public void encode(ByteBuf out) {
        command.encode(out);
    }

    @Override
    public void complete() {
        if (!done) {
            done = true;
            command.answered(output.getError());
        }
    }

    @Override
    public boolean completeExceptionally(Throwable cause) {
        if (done) {
            return false;
        }
        done = true;
        command.failed(cause);
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

    /** Of any type: Lettuce uses it for its logging and metrics only, and both are off. */
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
