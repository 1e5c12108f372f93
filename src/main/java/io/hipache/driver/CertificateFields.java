package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.driver.CertificateCommand.ReplyCallback;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.Resp;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one hash of a certificate without a script: two commands measure its fields one round trip before. */
final class CertificateFields implements RedisCommand {

    private final int which;
    private final String hash;
    private final ReplyCallback callback;
    private final CertificateReply reply;

    private CertificateFields(int which, String hash, ReplyCallback callback) {
        this.which = which;
        this.hash = hash;
        this.callback = callback;
        this.reply = new CertificateReply(List.of(hash));
    }

    static void read(RedisLink link, int which, String hash, ReplyCallback callback) {
        CertificateFields fields = new CertificateFields(which, hash, callback);
        link.write(List.of(
                new PlainCommand(fields::measured, "HSTRLEN", hash, CertificateCommand.CERTIFICATE),
                new PlainCommand(
                        (length, error) -> {
                            fields.measured(length, error);
                            fields.readOn(link);
                        },
                        "HSTRLEN",
                        hash,
                        CertificateCommand.KEY)));
    }

    /** A length that the server refuses to tell counts as a small one, as it did before there were bounds. */
    private void measured(@Nullable String length, @Nullable String error) {
        if (length != null && error == null && Long.parseLong(length) > CertificateCommand.MAX_FIELD_BYTES) {
            reply.tooLong();
        }
    }

    private void readOn(RedisLink link) {
        if (reply.isTooLong()) {
            answered(null);
        } else {
            link.write(this);
        }
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, 4);
        Resp.bulk(out, "HMGET");
        Resp.bulk(out, hash);
        Resp.bulk(out, CertificateCommand.CERTIFICATE);
        Resp.bulk(out, CertificateCommand.KEY);
    }

    @Override
    public CommandOutput<String, String, Void> output() {
        return reply;
    }

    @Override
    public void answered(@Nullable String error) {
        if (error == null) {
            callback.replied(which, reply.stored(0), null);
        } else if (error.contains("WRONGTYPE")) {
            callback.replied(which, CertificateReply.noHash(hash), null);
        } else {
            callback.replied(which, new Stored.Nothing(), error);
        }
    }

    @Override
    public void failed(Throwable cause) {
        callback.replied(which, new Stored.Nothing(), RedisLink.LOST);
    }
}
