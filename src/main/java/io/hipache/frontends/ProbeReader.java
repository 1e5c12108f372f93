package io.hipache.frontends;

import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import io.hipache.store.StoreException.Kind;
import io.lettuce.core.KeyValue;
import java.util.List;

/** Reads what planb and tsuru say about the health checks of a frontend: the hash {@code healthcheck:<name>}. */
public final class ProbeReader {

    private final StoreConnection store;

    public ProbeReader(StoreConnection store) {
        this.store = store;
    }

    /** The probe for a frontend; the usual one where nothing is said, or where it may not be read. */
    public Probe read(String name) throws StoreException {
        String key = store.endpoints().read().prefix() + "healthcheck:" + name;
        List<KeyValue<String, String>> fields;
        try {
            fields = store.read(commands -> commands.hmget(key, "path", "status", "body"));
        } catch (StoreException e) {
            if (e.kind() == Kind.WRONG_TYPE || e.kind() == Kind.FORBIDDEN) {
                return Probe.ROOT;
            }
            throw e;
        }
        String path = fields.get(0).getValueOrElse("");
        String status = fields.get(1).getValueOrElse("0");
        String body = fields.get(2).getValueOrElse("");
        return new Probe(
                path(path), status.matches("[1-5]\\d\\d") ? Integer.parseInt(status) : 0, body.isEmpty() ? null : body);
    }

    /** Whoever writes the store must not be able to write a second request. */
    private static String path(String written) {
        boolean clean = written.length() <= 2_048 && written.chars().allMatch(c -> c > ' ' && c < 127);
        if (!clean || written.isEmpty()) {
            return "/";
        }
        return written.startsWith("/") ? written : "/" + written;
    }
}
