package io.hipache.tls;

import java.security.Key;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * What a key may cost. Each handshake signs with the key on the event loop, which everybody shares: 0.1 ms with P-256, 1 ms with
 * RSA 2048, 6 ms with RSA 4096, 49 ms with RSA 8192.
 */
final class KeyBounds {
    private static final int MAX_RSA_BITS = 4096;
    private static final int MAX_CURVE_BITS = 521;
    /** Usual exponents have 17 bits. BoringSSL takes no more either. */
    private static final int MAX_EXPONENT_BITS = 33;

    private KeyBounds() {}

    /** Why a key costs too much, as in {@code holds an RSA key of 8192 bits}; null when it does not. */
    static @Nullable String excess(Key key) {
        if (key instanceof RSAKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits > MAX_RSA_BITS) {
                return "holds an RSA key of " + bits + " bits, and more than " + MAX_RSA_BITS + " take too long";
            }
            if (key instanceof RSAPublicKey open && open.getPublicExponent().bitLength() > MAX_EXPONENT_BITS) {
                return "holds an RSA key with a very large public exponent, which takes too long";
            }
            if (key instanceof RSAPrivateCrtKey closed
                    && closed.getPublicExponent().bitLength() > MAX_EXPONENT_BITS) {
                return "holds an RSA key with a very large public exponent, which takes too long";
            }
        }
        if (key instanceof ECKey ec && ec.getParams().getOrder().bitLength() > MAX_CURVE_BITS) {
            return "holds a key on a curve of more than " + MAX_CURVE_BITS + " bits, which takes too long";
        }
        return null;
    }
}
