package io.hipache.driver;

import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.PemPair;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Redis has of some certificates. For each hash there are two fields, null when the hash does not have them, or a number
 * in their place.
 */
final class CertificateReply extends CommandOutput<String, String, Void> {

    /** In place of the fields: one of them is over {@link CertificateCommand#MAX_FIELD_BYTES}. */
    static final int TOO_LONG = 0;

    /** In place of the fields: the key has another type. */
    static final int NO_HASH = 1;

    private static final Stored NOTHING = new Stored.Nothing();

    private final List<String> hashes;
    private final List<Stored> found = new ArrayList<>(2);
    /** The first field of a hash whose second one is next. */
    private @Nullable String certificate;

    private boolean second;
    private boolean tooLong;

    @SuppressWarnings("NullAway") // Lettuce allows an output without a value
    CertificateReply(List<String> hashes) {
        super(StringCodec.UTF8, null);
        this.hashes = hashes;
    }

    /** What there is under one of the hashes. */
    Stored stored(int which) {
        return which < found.size() ? found.get(which) : NOTHING;
    }

    @Override
    public void multi(int count) {
        // the elements say enough
    }

    @Override
    public void set(long number) {
        if (number == TOO_LONG) {
            tooLong();
        } else if (isWanted()) {
            found.add(noHash(hashes.get(found.size())));
        }
    }

    @Override
    public void set(@Nullable ByteBuffer bytes) {
        String field = null;
        if (bytes != null) {
            tooLong |= bytes.remaining() > CertificateCommand.MAX_FIELD_BYTES;
            field = tooLong ? null : StandardCharsets.ISO_8859_1.decode(bytes).toString();
        }
        if (second && tooLong) {
            tooLong();
        } else if (second && isWanted()) {
            found.add(pair(hashes.get(found.size()), certificate, field));
        }
        certificate = field;
        second = !second;
        tooLong &= second;
    }

    /** One field of the next hash is too long. */
    void tooLong() {
        if (isWanted()) {
            found.add(new Stored.Unusable(hashes.get(found.size()) + " in Redis has a field of more than "
                    + CertificateCommand.MAX_FIELD_BYTES + " bytes"));
        }
    }

    boolean isTooLong() {
        return !found.isEmpty();
    }

    private boolean isWanted() {
        return found.size() < hashes.size();
    }

    private static Stored pair(String hash, @Nullable String certificate, @Nullable String key) {
        if (certificate != null && key != null) {
            return new Stored.Pair(new PemPair(certificate, key));
        }
        if (certificate == null && key == null) {
            return NOTHING;
        }
        String missing = key == null ? CertificateCommand.KEY : CertificateCommand.CERTIFICATE;
        return new Stored.Unusable(hash + " in Redis has no field " + missing);
    }

    static Stored noHash(String hash) {
        return new Stored.Unusable(hash + " in Redis is not a hash");
    }
}
