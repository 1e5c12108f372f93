package io.hipache.proxy;

import io.hipache.http.Fields;
import io.hipache.http.HeadWriter;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.netty.buffer.ByteBuf;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request head for a backend: every field as it came, in its order, but for those that concern the client's
 * connection alone and those that tell where the request came from.
 */
final class RequestHeads {
    private final boolean backendKeepAlive;

    RequestHeads(boolean backendKeepAlive) {
        this.backendKeepAlive = backendKeepAlive;
    }

    /** @param upgrade what the request asks for beside its response, null for an ordinary one */
    void write(RequestHead head, RequestTarget target, @Nullable Upgrade upgrade, ClientIdentity client, ByteBuf out) {
        HeadWriter.latin1(out, head.method());
        out.writeByte(' ');
        HeadWriter.latin1(out, target.originForm());
        HeadWriter.latin1(out, " HTTP/1.1");
        HeadWriter.endLine(out);
        writeFields(head, target.authority(), upgrade != null, client.trusted(), out);
        ForwardedHeaders.write(head.fields(), client, out);
        if (upgrade != null) {
            upgrade.write(out);
        } else if (!backendKeepAlive) {
            HeadWriter.field(out, "Connection", "close");
        }
        HeadWriter.endLine(out);
    }

    private static void writeFields(
            RequestHead head, @Nullable String authority, boolean upgrades, boolean trusted, ByteBuf out) {
        Fields fields = head.fields();
        Set<String> named = ConnectionOptions.namedBy(fields);
        if (authority != null) {
            // RFC 9112 §3.2.2: the target's authority replaces what Host says
            HeadWriter.field(out, "Host", authority);
        }
        for (int i = 0; i < fields.size(); i++) {
            KnownField known = fields.known(i);
            boolean goesOn = known == null
                    ? !ConnectionOptions.names(named, fields, i)
                    : goesOn(known, head, authority, upgrades, trusted, named);
            if (goesOn) {
                fields.writeTo(out, i);
            }
        }
    }

    private static boolean goesOn(
            KnownField known,
            RequestHead head,
            @Nullable String authority,
            boolean upgrades,
            boolean trusted,
            Set<String> named) {
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, UPGRADE -> false;
            case HOST -> authority == null;
            // these decide where the message ends and whom it came from: no Connection list can take them away
            case TRANSFER_ENCODING, CONTENT_LENGTH -> true;
            case X_FORWARDED_FOR, X_FORWARDED_PROTO, X_FORWARDED_PROTOCOL, X_FORWARDED_PORT, X_REAL_IP -> trusted;
            // of no meaning without an Upgrade (RFC 6455 §4.1), and nobody should find one in half of them
            case SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_EXTENSIONS ->
                upgrades && !named.contains(known.text());
            case EXPECT -> head.expectsContinue();
            case X_DEBUG, REFERER, USER_AGENT, RETRY_AFTER -> !named.contains(known.text());
        };
    }
}
