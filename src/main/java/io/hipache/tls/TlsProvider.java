package io.hipache.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/** Who does the cryptography: BoringSSL where its library loads, which is much the faster, else the JDK. */
public enum TlsProvider {
    BORINGSSL(SslProvider.OPENSSL_REFCNT),
    JDK(SslProvider.JDK);

    private final SslProvider netty;

    TlsProvider(SslProvider netty) {
        this.netty = netty;
    }

    /** Loads the library, which takes a moment and some memory: only where TLS is spoken. */
    public static TlsProvider best() {
        return OpenSsl.isAvailable() ? BORINGSSL : JDK;
    }

    /** One line for the administrator. */
    public String describe() {
        if (this == BORINGSSL) {
            return "TLS by " + OpenSsl.versionString();
        }
        Throwable cause = OpenSsl.unavailabilityCause();
        return "TLS by Java " + Runtime.version() + ": slower, and sessions are resumed by the same worker only"
                + (cause == null ? "" : " (BoringSSL cannot be used: " + cause.getMessage() + ")");
    }

    SslProvider netty() {
        return netty;
    }
}
