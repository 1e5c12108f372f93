package io.hipache.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.slots.ManualScheduler;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestCertificate;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CertificateWatchTest {
    private final RecordedLog log = RecordedLog.of(CertificateWatch.class);
    private final ManualScheduler scheduler = new ManualScheduler();
    private Instant now = Instant.parse("2027-01-01T00:00:00Z");

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void warnsOnceADayOfWhatExpiresWhileItIsServed() throws Exception {
        HipacheConfig config = config(TestCertificate.A, TestCertificate.B);
        new CertificateWatch(() -> config, () -> now, scheduler).start();

        scheduler.advance(CertificateWatch.INTERVAL);
        assertThat(log.lines()).isEmpty();

        now = Instant.parse("2200-01-01T00:00:00Z");
        scheduler.advance(CertificateWatch.INTERVAL);
        assertThat(log.linesWith(TestCertificate.A.certFile() + ", because it expired on "))
                .hasSize(1);
        assertThat(log.linesWith(TestCertificate.B.certFile() + ", because it expired on "))
                .hasSize(1);
        scheduler.advance(CertificateWatch.INTERVAL);
        assertThat(log.lines()).hasSize(4);
    }

    /** One certificate for the address, another for a host. */
    private static HipacheConfig config(TestCertificate own, TestCertificate host) throws Exception {
        String json = ("{'https': {'bind': ['127.0.0.1', '127.0.0.2'], 'key': '" + own.keyFile() + "', 'cert': '"
                        + own.certFile() + "', 'certificates': [{'key': '" + host.keyFile() + "', 'cert': '"
                        + host.certFile() + "'}]}}")
                .replace('\'', '"');
        return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse(json)
                .config();
    }
}
