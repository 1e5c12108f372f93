package io.hipache.probe;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The addresses of this machine. */
public record OwnAddresses(Set<InetAddress> addresses) implements Predicate<InetAddress> {

    /** Those that it has now. */
    public static OwnAddresses now() {
        try {
            return new OwnAddresses(NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet()));
        } catch (SocketException e) {
            return new OwnAddresses(Set.of());
        }
    }

    @Override
    public boolean test(InetAddress address) {
        return address.isLoopbackAddress() || addresses.contains(address);
    }
}
