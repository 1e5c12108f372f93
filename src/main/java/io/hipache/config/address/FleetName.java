package io.hipache.config.address;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The default of {@code server.viaName}: a name that all machines with the same store share, because a request that comes
 * to any of them again finds the same frontend there. Fleets with different stores must not share a name, because the
 * one may be a backend of the other. An address such as {@code 127.0.0.1} or {@code redis} means another store on each
 * machine, so the name of the machine is a part then.
 */
public final class FleetName {
    private static final int DIGITS = 12;
    private static final Pattern LOOPBACK = Pattern.compile("127\\.|::1$|(0*:)+0*1$");
    /** Endings of names that each network, or each cluster, gives to machines of its own. */
    private static final Pattern OF_A_NETWORK =
            Pattern.compile("\\.(local|localdomain|internal|lan|home\\.arpa)\\.?$", Pattern.CASE_INSENSITIVE);

    private FleetName() {}

    /**
     * The name of a fleet.
     *
     * @param drivers the store's URLs; the last one is the master, which machines with replicas share too
     */
    public static String of(List<DriverUrl> drivers) {
        return of(drivers, machine());
    }

    static String of(List<DriverUrl> drivers, String machine) {
        if (drivers.isEmpty()) {
            // a configuration with this problem is not used
            return "hipache";
        }
        DriverUrl master = drivers.get(drivers.size() - 1);
        String store = address(master.address())
                + '/'
                + master.database()
                + '#'
                + drivers.get(0).prefix();
        return "hipache-" + hash(isEverywhere(master.address()) ? store : store + '@' + machine);
    }

    private static String address(DriverAddress address) {
        if (address instanceof DriverAddress.Server server) {
            return server.host() + ':' + server.port();
        }
        if (address instanceof DriverAddress.Sentinels sentinels) {
            return sentinels.sentinels().stream()
                            .map(FleetName::address)
                            .sorted()
                            .collect(Collectors.joining(","))
                    + '?'
                    + sentinels.master();
        }
        return address.toString();
    }

    /** Whether an address means the same store on every machine. */
    private static boolean isEverywhere(DriverAddress address) {
        if (address instanceof DriverAddress.Server server) {
            return IpAddress.isLiteral(server.host())
                    ? !LOOPBACK.matcher(server.host()).lookingAt()
                    : server.host().indexOf('.') > 0
                            && !OF_A_NETWORK.matcher(server.host()).find();
        }
        return address instanceof DriverAddress.Sentinels sentinels
                && sentinels.sentinels().stream().allMatch(FleetName::isEverywhere);
    }

    /** What tells this machine, or this container, from others. */
    private static String machine() {
        return read("/etc/machine-id") + ' ' + read("/proc/sys/kernel/hostname");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            // one of both is enough
            return "";
        }
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
