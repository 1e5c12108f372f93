package io.hipache.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestCertificate;
import io.hipache.tls.CipherList;
import io.hipache.tls.ClientTls;
import io.hipache.tls.ClientTlsSettings;
import io.hipache.tls.Credential;
import io.hipache.tls.TlsContexts;
import io.hipache.tls.TlsProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ValidityWarningsTest {
    private final RecordedLog log = RecordedLog.of(ValidityWarnings.class);
    private Instant now = Instant.parse("2027-01-01T00:00:00Z");
    private final Instant start = now;
    private final ValidityWarnings warnings =
            new ValidityWarnings(() -> now, () -> Duration.between(start, now).toNanos());

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void saysNothingOfACertificateThatIsValid() throws Exception {
        warnings.shown("a.example", tls(TestCertificate.A));

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void saysWhatIsWrongAndWhatToDo() throws Exception {
        warnings.shown("a.example", tls(TestCertificate.EXPIRED));

        assertThat(log.lines())
                .containsExactly("WARNING! a.example: its certificate in Redis, or one that leads from it to a root,"
                        + " expired on 2020-01-02T00:00:00Z. Clients refuse it: store a valid one under tls:a.example");
    }

    @Test
    void warnsOfEachOnceADay() throws Exception {
        ClientTls expired = tls(TestCertificate.EXPIRED);
        for (int hour = 0; hour < 48; hour++) {
            warnings.shown("a.example", expired);
            now = now.plus(Duration.ofMinutes(30));
            warnings.shown("b.example", expired);
            now = now.plus(Duration.ofMinutes(30));
        }

        assertThat(log.linesWith(" a.example: ")).hasSize(2);
        assertThat(log.linesWith(" b.example: ")).hasSize(2);
    }

    @Test
    void warnsOfACertificateThatExpiresWhileItIsInUse() throws Exception {
        ClientTls certificate = tls(TestCertificate.A);
        warnings.shown("a.example", certificate);

        now = Instant.parse("2200-01-01T00:00:00Z");
        warnings.shown("a.example", certificate);

        assertThat(log.lines()).hasSize(1);
    }

    @Test
    void writesOneLineASecondHoweverManyNamesThereAre() throws Exception {
        ClientTls expired = tls(TestCertificate.EXPIRED);
        for (int i = 0; i < 3 * ValidityWarnings.MOST; i++) {
            warnings.shown("n" + i + ".example", expired);
            now = now.plusMillis(1);
        }

        assertThat(log.lines()).hasSize(13);
        assertThat(log.linesWith(" n1000.example: ")).hasSize(1);
    }

    private static ClientTls tls(TestCertificate certificate) throws Exception {
        ClientTlsSettings settings =
                new ClientTlsSettings(CipherList.intermediate().suites(), true, List.of("http/1.1"));
        return new TlsContexts(TlsProvider.JDK)
                .forClients(settings, Credential.of(certificate.key(), certificate.certificate()));
    }
}
