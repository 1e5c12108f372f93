package io.hipache.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/**
 * The library that does the cryptography: BoringSSL where its native library loads, which is much faster, otherwise the
 * JDK.
 */
public enum TlsProvider {
    BORINGSSL(SslProvider.OPENSSL_REFCNT),
    JDK(SslProvider.JDK);

    private final SslProvider netty;

    TlsProvider(SslProvider netty) {
        this.netty = netty;
    }

    /**
     * The best provider of this machine. Loads BoringSSL, which takes time and memory, so call it only when TLS is
     * needed.
     */
    public static TlsProvider best() {
        return OpenSsl.isAvailable() ? BORINGSSL : JDK;
    }

    /** One line for the log: the library, and what does not work without BoringSSL and why. */
    public String describe() {
        if (this == BORINGSSL) {
            return "TLS by " + OpenSsl.versionString();
        }
        Throwable cause = OpenSsl.unavailabilityCause();
        return "TLS by Java " + Runtime.version()
                + ": slower, and a session can only be resumed by the worker that began it"
                + (cause == null ? "" : " (cannot load BoringSSL: " + cause.getMessage() + ")");
    }

    SslProvider netty() {
        return netty;
    }
}
