package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.driver.redis.ClientName;
import io.hipache.frontends.Certificate;
import io.hipache.frontends.CertificateReader;
import io.hipache.frontends.InvalidInputException;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hipache certificates}: lists certificates with their dates. */
@Command(
        name = "certificates",
        description = "Lists the certificates of the configuration and of Redis, with what is wrong with them.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when all are good, 1 when one is not or ends within --expiring, 2 without Redis,"
                    + " when only those of files are listed"
        })
public final class CertificatesCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(
            names = "--expiring",
            paramLabel = "DAYS",
            description = "only those that end within so many days, or are bad")
    private @Nullable Integer days;

    public CertificatesCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withConfig(this::list);
    }

    /** Those in files need no store. */
    private int list(HipacheConfig config, Output output) throws StoreException, InvalidInputException {
        if (days != null && days < 0) {
            throw new InvalidInputException("--expiring: expected at least 0");
        }
        List<Certificate> all = new ArrayList<>(CertificateReader.ofFiles(config));
        try (StoreConnection store = new StoreConnection(StoreEndpoints.of(config), ClientName.CLI)) {
            all.addAll(new CertificateReader(store, config).ofStore());
        } catch (StoreException e) {
            if (!all.isEmpty()) {
                list(all, output);
            }
            throw e;
        }
        return list(all, output);
    }

    private int list(List<Certificate> all, Output output) {
        Instant now = Instant.now();
        Instant limit = now.plus(Duration.ofDays(days == null ? 0 : days));
        List<Certificate> bad = all.stream()
                .filter(certificate -> isBad(certificate, now, limit))
                .toList();
        List<Certificate> listed = days == null ? all : bad;
        if (output.json()) {
            output.value(listed.stream()
                    .map(certificate -> certificate.json(null, now))
                    .toList());
        } else if (listed.isEmpty()) {
            output.line(
                    days == null
                            ? "there is no certificate"
                            : "none is bad or ends within " + Quantity.of(days, "day", "days"));
        } else {
            output.table(
                    listed.stream().map(certificate -> cells(certificate, now)).toList());
        }
        return bad.isEmpty() ? Exit.FINE : Exit.WRONG;
    }

    private static boolean isBad(Certificate certificate, Instant now, Instant limit) {
        Instant until = certificate.until();
        return until == null || until.isBefore(limit) || certificate.problem(null, now) != null;
    }

    private static List<String> cells(Certificate certificate, Instant now) {
        String problem = certificate.problem(null, now);
        Instant until = certificate.until();
        if (problem != null || until == null) {
            return List.of(certificate.source(), String.join(" ", certificate.hosts()), String.valueOf(problem));
        }
        return List.of(
                certificate.source(),
                String.join(" ", certificate.hosts()),
                "until " + until + ", "
                        + Columns.duration(Duration.between(now, until).toSeconds()));
    }
}
