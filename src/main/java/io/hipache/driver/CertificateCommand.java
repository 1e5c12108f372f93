package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.Resp;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the hash {@code tls:<name>} of one certificate. A small script measures the fields before it reads them, so that a field
 * over {@link #MAX_FIELD_BYTES} is never sent. Where scripts are refused, two commands measure one round trip before.
 */
final class CertificateCommand implements RedisCommand {

    /** Sent with each command: Redis keeps it, and its digest is computed faster than a second round trip. */
    private static final String SOURCE =
            """
            local failed
            for i = 1, 2 do
              local length = redis.pcall('HSTRLEN', KEYS[1], ARGV[i])
              if type(length) ~= 'number' then failed = length break end
              if length > %d then return 0 end
            end
            local reply = failed or redis.pcall('HMGET', KEYS[1], ARGV[1], ARGV[2])
            if reply.err and not string.find(reply.err, 'WRONGTYPE', 1, true) then
              return {err = 'REFUSED ' .. reply.err}
            end
            return reply
            """
                    .formatted(CertificateCommand.MAX_FIELD_BYTES);

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

    private final RedisLink link;
    private final String hash;
    private final boolean script;
    private final ReplyCallback callback;
    private final Reply reply = new Reply();
    private boolean tooLong;

    CertificateCommand(RedisLink link, String hash, ReplyCallback callback) {
        this(link, hash, true, callback);
    }

    private CertificateCommand(RedisLink link, String hash, boolean script, ReplyCallback callback) {
        this.link = link;
        this.hash = hash;
        this.script = script;
        this.callback = callback;
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, script ? 6 : 4);
        if (script) {
            Resp.bulk(out, "EVAL");
            Resp.bulk(out, SOURCE);
            Resp.bulk(out, 1);
        } else {
            Resp.bulk(out, "HMGET");
        }
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
        } else if (error.contains("WRONGTYPE")) {
            callback.replied(new Stored.Unusable(hash + " in Redis is not a hash"), null);
        } else if (script && RedisCommand.isRefusal(error)) {
            link.write(List.of(
                    new PlainCommand(this::measured, "HSTRLEN", hash, CERTIFICATE),
                    new PlainCommand(this::measuredBoth, "HSTRLEN", hash, KEY)));
        } else {
            callback.replied(new Stored.Nothing(), error);
        }
    }

    @Override
    public void failed(Throwable cause) {
        callback.replied(new Stored.Nothing(), RedisLink.LOST);
    }

    /** A length that the server refuses to tell counts as a small one, as it did before there were bounds. */
    private void measured(@Nullable String value, @Nullable String error) {
        tooLong |= value != null && error == null && Long.parseLong(value) > MAX_FIELD_BYTES;
    }

    private void measuredBoth(@Nullable String value, @Nullable String error) {
        measured(value, error);
        if (tooLong) {
            callback.replied(tooLong(hash), null);
        } else {
            link.write(new CertificateCommand(link, hash, false, callback));
        }
    }

    private static Stored tooLong(String hash) {
        return new Stored.Unusable(hash + " in Redis has a field of more than " + MAX_FIELD_BYTES + " bytes");
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

        /** Instead of the fields, when one of them is too long. */
        @Override
        public void set(long number) {
            tooLong = true;
        }

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
                return CertificateCommand.tooLong(hash);
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
