package io.hipache.proxy.exchange;

import io.hipache.http.ConnectionLogin;
import io.hipache.http.FieldSink;
import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.proxy.exchange.head.ConnectionOptions;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.proxy.exchange.head.RequestTarget;
import io.hipache.proxy.exchange.head.Upgrade;
import io.hipache.upstream.UpstreamRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request for a backend: every field as it came, in its order. Left out are the fields that concern the
 * client's connection alone, and those that tell where the request came from unless a trusted proxy sent them.
 */
final class OutgoingRequest implements UpstreamRequest {
    private final RequestHead head;
    private final RequestTarget target;
    private final @Nullable Upgrade upgrade;
    private final ClientIdentity client;
    private final ProxySettings settings;
    private final RequestIds ids;

    /** @param upgrade what the request asks for beside its response, null for an ordinary one */
    OutgoingRequest(
            RequestHead head,
            RequestTarget target,
            @Nullable Upgrade upgrade,
            ClientIdentity client,
            ProxySettings settings,
            RequestIds ids) {
        this.head = head;
        this.target = target;
        this.upgrade = upgrade;
        this.client = client;
        this.settings = settings;
        this.ids = ids;
    }

    @Override
    public String method() {
        return head.method();
    }

    @Override
    public String target() {
        return target.originForm();
    }

    @Override
    public Framing framing() {
        return head.framing();
    }

    @Override
    public @Nullable String upgrade() {
        return upgrade == null ? null : upgrade.asked();
    }

    @Override
    public boolean takesTrailers() {
        return head.takesTrailers();
    }

    @Override
    public boolean logsInConnection() {
        return ConnectionLogin.isTriedBy(head.fields());
    }

    /** Whether a 101 switches to nothing but what the client asked for. */
    boolean isUpgradeGrantedBy(ResponseHead response) {
        return upgrade != null && upgrade.isGrantedBy(response);
    }

    @Override
    public void writeFields(FieldSink out) {
        Fields fields = head.fields();
        Set<String> named = ConnectionOptions.namedBy(fields);
        if (target.authority() != null) {
            // RFC 9112 §3.2.2: the target's authority replaces what Host says
            out.made("Host", target.authority());
        }
        for (int i = 0; i < fields.size(); i++) {
            KnownField known = fields.known(i);
            boolean passedOn = known == null ? !ConnectionOptions.names(named, fields, i) : isPassedOn(known, named);
            if (passedOn) {
                out.received(fields, i);
            }
        }
        int maxForwards = head.maxForwards();
        if (maxForwards > 0) {
            out.made("Max-Forwards", Integer.toString(maxForwards - 1));
        }
        ForwardedHeaders.write(fields, client, settings.forwardedForAppended(), out);
        if (!ids.requestId().isEmpty()) {
            out.made(KnownField.X_REQUEST_ID.text(), ids.requestId());
        }
        if (ids.traceMade()) {
            out.made(KnownField.TRACEPARENT.text(), ids.traceParent());
        }
        settings.via().write(head.version(), out);
    }

    private boolean isPassedOn(KnownField known, Set<String> named) {
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, UPGRADE -> false;
            // of TRACE and OPTIONS, it is written anew (RFC 9110 §7.6.2)
            case MAX_FORWARDS -> head.maxForwards() < 0 && !named.contains(known.text());
            case HOST -> target.authority() == null;
            // these decide where the message ends and whom it came from: no Connection list can take them away
            case TRANSFER_ENCODING, CONTENT_LENGTH -> true;
            // nobody means these, and a CGI program would take one for the length of the body
            case OTHER_FRAMING -> false;
            case X_FORWARDED_PROTO, X_FORWARDED_PROTOCOL, X_FORWARDED_PORT, X_REAL_IP, OTHER_ORIGIN -> client.trusted();
            case X_FORWARDED_FOR -> client.trusted() && !settings.forwardedForAppended();
            case X_REQUEST_ID -> ids.requestId().isEmpty();
            // Trace Context §4.3: without a valid traceparent, what was said of its trace is void
            case TRACEPARENT, TRACESTATE -> !ids.traceMade();
            // without these a loop could not be seen
            case VIA -> true;
            // they mean nothing without an Upgrade (RFC 6455 §4.1); a backend should not see half a handshake
            case SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_EXTENSIONS ->
                upgrade != null && !named.contains(known.text());
            case EXPECT -> head.expectsContinue();
            // a Hipache behind this one trusts this one, and would answer
            case X_DEBUG -> settings.debugs(client) && !named.contains(known.text());
            case TRAILER,
                    REFERER,
                    USER_AGENT,
                    RETRY_AFTER,
                    AUTHORIZATION,
                    PROXY_AUTHORIZATION,
                    WWW_AUTHENTICATE,
                    PROXY_AUTHENTICATE,
                    AUTHENTICATION_INFO,
                    PROXY_AUTHENTICATION_INFO -> !named.contains(known.text());
        };
    }
}
