package io.hipache.proxy.exchange.head;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.http.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that a client wants its connection to switch to (RFC 9110 §7.8), WebSocket mostly. The proxy does not ask for
 * protocols that carry HTTP again: requests within such a tunnel would reach a backend unseen, with any host and any origin
 * that they claim.
 */
public final class Upgrade {
    private static final String OPTION = "upgrade";
    /** Names of the registry of RFC 9110 §16.7, and h2, which is not registered but understood by some servers. */
    private static final Set<String> CARRY_HTTP = Set.of("http", "h2c", "h2", "tls");

    private final String asked;
    private final Set<String> protocols;

    private Upgrade(String asked, Set<String> protocols) {
        this.asked = asked;
        this.protocols = protocols;
    }

    /** Null for an ordinary request, and for a request whose upgrade is not passed on. */
    public static @Nullable Upgrade askedBy(RequestHead head) {
        Fields fields = head.fields();
        // a body would stand between the head and the first bytes of the other protocol, and HTTP/1.0 knows no upgrade
        if (!fields.contains(KnownField.UPGRADE)
                || !head.method().equals("GET")
                || head.version() != Version.HTTP_1_1
                || !head.framing().isEmpty()
                || !fields.hasToken(KnownField.CONNECTION, OPTION)) {
            return null;
        }
        List<String> asked = protocolsOf(fields);
        asked.removeIf(protocol -> CARRY_HTTP.contains(name(protocol)));
        return asked.isEmpty() ? null : new Upgrade(String.join(", ", asked), lowerCase(asked));
    }

    /** The protocols that a backend is asked for, as an Upgrade field has them. */
    public String asked() {
        return asked;
    }

    /** Whether a 101 switches to nothing but what was asked for. */
    public boolean isGrantedBy(ResponseHead head) {
        Set<String> granted = lowerCase(protocolsOf(head.fields()));
        return !granted.isEmpty() && protocols.containsAll(granted);
    }

    private static List<String> protocolsOf(Fields fields) {
        List<String> protocols = new ArrayList<>(1);
        int index = fields.indexOf(KnownField.UPGRADE, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.UPGRADE, index + 1)) {
            for (String protocol : fields.value(index).split(",", -1)) {
                if (!protocol.isBlank()) {
                    protocols.add(protocol.strip());
                }
            }
        }
        return protocols;
    }

    private static Set<String> lowerCase(List<String> protocols) {
        Set<String> lower = new HashSet<>();
        protocols.forEach(protocol -> lower.add(protocol.toLowerCase(Locale.ROOT)));
        return lower;
    }

    /** Without its version. */
    private static String name(String protocol) {
        int slash = protocol.indexOf('/');
        return (slash < 0 ? protocol : protocol.substring(0, slash)).strip().toLowerCase(Locale.ROOT);
    }
}
