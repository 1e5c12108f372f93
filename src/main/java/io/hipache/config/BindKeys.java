package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.address.IpAddress;
import io.hipache.config.json.Findings;
import io.hipache.config.json.Section;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code server.address}, {@code http.bind} and {@code https.bind}: an address, a list, or a list of objects. */
final class BindKeys {
    static final String NONE = "";

    private final boolean ipv6;

    BindKeys(boolean ipv6) {
        this.ipv6 = ipv6;
    }

    /**
     * One address as written.
     *
     * @param address {@link #NONE} where there is a problem with it: the other keys of the entry are read all the same
     * @param at the entry as a section, with its port and, in {@code https.bind}, its key and certificate; null
     *     when the entry is only a text
     */
    record Bind(String address, @Nullable Section at) {}

    /** Whether a key stands in the object of one address. There may be several addresses. */
    static boolean isOfOneAddress(String path) {
        return path.startsWith("server.address.") || path.startsWith("http.bind.") || path.startsWith("https.bind.");
    }

    /** Where Hipache listens by default: on this machine only. */
    List<Bind> loopback() {
        return ipv6
                ? List.of(new Bind("127.0.0.1", null), new Bind("::1", null))
                : List.of(new Bind("127.0.0.1", null));
    }

    /** Null when the key is absent. */
    @Nullable
    List<Bind> read(Section section, String key) {
        JsonNode value = section.value(key);
        if (value == null) {
            return null;
        }
        List<Bind> binds = new ArrayList<>();
        if (!value.isArray()) {
            add(section, section.pathOf(key), value, binds);
            return binds;
        }
        for (int i = 0; i < value.size(); i++) {
            add(section, section.pathOf(key) + "[" + i + "]", value.get(i), binds);
        }
        return binds;
    }

    private void add(Section section, String path, JsonNode entry, List<Bind> binds) {
        if (entry instanceof ObjectNode object) {
            Section at = section.child(path, object);
            JsonNode address = at.value("address");
            if (address == null) {
                section.findings().problem(path + ".address", "missing");
                binds.add(new Bind(NONE, at));
            } else {
                addAddress(section.findings(), path + ".address", address, at, binds);
            }
        } else {
            addAddress(section.findings(), path, entry, null, binds);
        }
    }

    private void addAddress(Findings findings, String path, JsonNode value, @Nullable Section at, List<Bind> binds) {
        String address = value.isTextual() ? value.textValue().strip() : "";
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        }
        if (address.equals("localhost")) {
            loopback().forEach(each -> binds.add(new Bind(each.address(), at)));
        } else if (IpAddress.isLiteral(address)) {
            binds.add(new Bind(address, at));
        } else {
            findings.expected(path, "an IPv4 or IPv6 address", value);
            binds.add(new Bind(NONE, at));
        }
    }
}
