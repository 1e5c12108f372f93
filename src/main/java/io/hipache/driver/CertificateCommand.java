package io.hipache.driver;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.Resp;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the hashes {@code tls:<name>} of a name and its wildcard with one small script. The script measures the fields before it
 * reads them, so that a field over {@link #MAX_FIELD_BYTES} is never sent. Where scripts are refused, each hash has its own
 * {@link CertificateFields}.
 */
final class CertificateCommand implements RedisCommand {

    /** A chain of five certificates has about 10,000 bytes. */
    static final int MAX_FIELD_BYTES = 64 * 1024;

    static final String CERTIFICATE = "certificate";
    static final String KEY = "key";

    /** Sent with each command: Redis keeps it, and its digest is computed faster than a second round trip. */
    private static final byte[] SOURCE =
            """
            local function read(hash)
              for i = 1, 2 do
                local length = redis.pcall('HSTRLEN', hash, ARGV[i])
                if type(length) ~= 'number' then return length end
                if length > %d then return %d end
              end
              return redis.pcall('HMGET', hash, ARGV[1], ARGV[2])
            end

            local replies = {}
            for i, hash in ipairs(KEYS) do
              local reply = read(hash)
              if type(reply) == 'table' and reply.err then
                if not string.find(reply.err, 'WRONGTYPE', 1, true) then
                  return {err = 'REFUSED ' .. reply.err}
                end
                reply = %d
              end
              replies[i] = reply
            end
            return replies
            """
                    .formatted(MAX_FIELD_BYTES, CertificateReply.TOO_LONG, CertificateReply.NO_HASH)
                    .getBytes(US_ASCII);

    private static final byte[] EVAL = "EVAL".getBytes(US_ASCII);
    private static final byte[] CERTIFICATE_BYTES = CERTIFICATE.getBytes(US_ASCII);
    private static final byte[] KEY_BYTES = KEY.getBytes(US_ASCII);

    /** Receives what the store has. Called once for each hash. */
    interface ReplyCallback {
        /**
         * The answer for one hash.
         *
         * @param which its position
         * @param error why there is no answer, null when there is one
         */
        void replied(int which, Stored stored, @Nullable String error);
    }

    private final RedisLink link;
    private final List<String> hashes;
    private final ReplyCallback callback;
    private final CertificateReply reply;

    CertificateCommand(RedisLink link, List<String> hashes, ReplyCallback callback) {
        this.link = link;
        this.hashes = hashes;
        this.callback = callback;
        this.reply = new CertificateReply(hashes);
    }

    @Override
    public void encode(ByteBuf out) {
        Resp.array(out, 5 + hashes.size());
        Resp.bulk(out, EVAL);
        Resp.bulk(out, SOURCE);
        Resp.bulk(out, hashes.size());
        for (int i = 0; i < hashes.size(); i++) {
            Resp.bulk(out, hashes.get(i));
        }
        Resp.bulk(out, CERTIFICATE_BYTES);
        Resp.bulk(out, KEY_BYTES);
    }

    @Override
    public CommandOutput<String, String, Void> output() {
        return reply;
    }

    @Override
    public void answered(@Nullable String error) {
        if (error != null && RedisCommand.isRefusal(error)) {
            for (int i = 0; i < hashes.size(); i++) {
                CertificateFields.read(link, i, hashes.get(i), callback);
            }
        } else {
            reply(error);
        }
    }

    @Override
    public void failed(Throwable cause) {
        reply(RedisLink.LOST);
    }

    private void reply(@Nullable String error) {
        for (int i = 0; i < hashes.size(); i++) {
            callback.replied(i, error == null ? reply.stored(i) : new Stored.Nothing(), error);
        }
    }
}
