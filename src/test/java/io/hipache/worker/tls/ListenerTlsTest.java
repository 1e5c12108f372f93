package io.hipache.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.certificates.CertificateStore;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.testing.TestCertificate;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenerTlsTest {
    private final EventLoop loop = new DefaultEventLoop();
    private final CertificateStore store = (name, callback) -> callback.unavailable("a test");

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void fitsAConfigurationWithTheSameSettingsFilesAndStoreOnly() throws Exception {
        ListenerTls tls = new ListenerTls(loop, config(TestCertificate.A, ""), store, new LazyTls());
        CertificateStore other = (name, callback) -> callback.unavailable("another store");

        assertThat(tls.fits(config(TestCertificate.A, "'tcpTimeout': 7"), store))
                .isTrue();
        assertThat(tls.fits(config(TestCertificate.B, ""), store)).isFalse();
        assertThat(tls.fits(config(TestCertificate.A, "'http2': false"), store)).isFalse();
        assertThat(tls.fits(config(TestCertificate.A, ""), other)).isEqualTo(!tls.asksStore());
    }

    @Test
    void isFreedAtOnceWhenNoConnectionHasUsedIt() throws Exception {
        ListenerTls tls = new ListenerTls(loop, config(TestCertificate.A, ""), store, new LazyTls());
        CompletableFuture<Boolean> freed = new CompletableFuture<>();

        loop.execute(() -> tls.close(() -> freed.complete(true)));

        assertThat(freed.get(5, TimeUnit.SECONDS)).isTrue();
    }

    private static HipacheConfig config(TestCertificate certificate, String server) throws ConfigException {
        String json = "{'server': {" + server + "}, 'https': {'bind': [{'address': '127.0.0.1', 'port': 2}], 'key': '"
                + certificate.keyFile() + "', 'cert': '" + certificate.certFile() + "'}}";
        return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse(json.replace('\'', '"'))
                .config();
    }
}
