package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.hipache.driver.redis.Request;
import io.hipache.driver.redis.Resp;
import io.hipache.driver.redis.WireCommand;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for one {@code tls:<name>} hash. What is kept of its reply is bounded. */
final class CertificateHash implements Request {

    /** Of one field; a chain of five certificates has about 10,000. */
    static final int MAX_FIELD_BYTES = 64 * 1024;

    private static final String CERTIFICATE = "certificate";
    private static final String KEY = "key";

    /** What came of it. */
    interface Outcome {
        /**
         * Called once.
         *
         * @param error why there is no answer, null when there is one
         */
        void of(Stored stored, @Nullable String error);
    }

    private final String hash;
    private final Outcome outcome;
    private final Reply reply = new Reply();

    private CertificateHash(String hash, Outcome outcome) {
        this.hash = hash;
        this.outcome = outcome;
    }

    static WireCommand command(String hash, Outcome outcome) {
        CertificateHash request = new CertificateHash(hash, outcome);
        return new WireCommand(request, request.reply);
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
    public void answered(@Nullable String error) {
        if (error == null) {
            outcome.of(reply.stored(), null);
        } else if (error.startsWith("WRONGTYPE")) {
            outcome.of(new Stored.Unusable("it is no hash"), null);
        } else {
            outcome.of(new Stored.Nothing(), error);
        }
    }

    @Override
    public void failed(Throwable cause) {
        outcome.of(new Stored.Nothing(), "the connection to Redis is lost");
    }

    /** Two fields, each perhaps null. */
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

        Stored stored() {
            if (tooLong) {
                return new Stored.Unusable("it is longer than " + MAX_FIELD_BYTES + " bytes");
            }
            String certificate = fields.size() == 2 ? fields.get(0) : null;
            String key = fields.size() == 2 ? fields.get(1) : null;
            if (certificate != null && key != null) {
                return new Stored.Pair(new PemPair(certificate, key));
            }
            if (certificate == null && key == null) {
                return new Stored.Nothing();
            }
            return new Stored.Unusable("it has no field " + (key == null ? KEY : CERTIFICATE));
        }
    }
}
