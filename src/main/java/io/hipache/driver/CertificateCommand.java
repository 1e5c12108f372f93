package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.Resp;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the hash {@code tls:<name>} of one certificate. Longer fields than {@link #MAX_FIELD_BYTES} are not kept in memory. */
final class CertificateCommand implements RedisCommand {

    /** A chain of five certificates has about 10,000 bytes. */
    static final int MAX_FIELD_BYTES = 64 * 1024;

    private static final String CERTIFICATE = "certificate";
    private static final String KEY = "key";

    /** Receives the reply. */
    interface ReplyCallback {
        /**
         * Called once.
         *
         * @param error why there is no answer, null when there is one
         */
        void replied(Stored stored, @Nullable String error);
    }

    private final String hash;
    private final ReplyCallback callback;
    private final Reply reply = new Reply();

    CertificateCommand(String hash, ReplyCallback callback) {
        this.hash = hash;
        this.callback = callback;
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, 4);
        Resp.bulk(out, "HMGET");
        Resp.bulk(out, hash);
        Resp.bulk(out, CERTIFICATE);
        Resp.bulk(out, KEY);
    }

    @Override
    public CommandOutput<String, String, Void> output() {
        return reply;
    }

    @Override
    public void answered(@Nullable String error) {
        if (error == null) {
            callback.replied(reply.stored(hash), null);
        } else if (error.startsWith("WRONGTYPE")) {
            callback.replied(new Stored.Unusable(hash + " in Redis is not a hash"), null);
        } else {
            callback.replied(new Stored.Nothing(), error);
        }
    }

    @Override
    public void failed(Throwable cause) {
        callback.replied(new Stored.Nothing(), "the connection to Redis is lost");
    }

    /** Two fields, each null when the hash does not have it. */
    private static final class Reply extends CommandOutput<String, String, Void> {

        private final List<@Nullable String> fields = new ArrayList<>(2);
        private boolean tooLong;

        @SuppressWarnings("NullAway") // Lettuce allows an output without a value
        Reply() {
            super(StringCodec.UTF8, null);
        }

        @Override
        public void multi(int count) {}

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            if (bytes == null || bytes.remaining() > MAX_FIELD_BYTES) {
                tooLong |= bytes != null;
                fields.add(null);
            } else {
                fields.add(StandardCharsets.ISO_8859_1.decode(bytes).toString());
            }
        }

        Stored stored(String hash) {
            if (tooLong) {
                return new Stored.Unusable(hash + " in Redis has a field of more than " + MAX_FIELD_BYTES + " bytes");
            }
            String certificate = fields.size() == 2 ? fields.get(0) : null;
            String key = fields.size() == 2 ? fields.get(1) : null;
            if (certificate != null && key != null) {
                return new Stored.Pair(new PemPair(certificate, key));
            }
            if (certificate == null && key == null) {
                return new Stored.Nothing();
            }
            return new Stored.Unusable(hash + " in Redis has no field " + (key == null ? KEY : CERTIFICATE));
        }
    }
}
