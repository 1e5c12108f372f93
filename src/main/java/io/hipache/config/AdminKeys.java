package io.hipache.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.config.HipacheConfig.Admin;
import io.hipache.config.address.IpAddress;
import io.hipache.config.json.Findings;
import io.hipache.config.json.JsonText;
import io.hipache.config.json.Section;
import io.hipache.config.json.Written;
import io.hipache.messages.FileFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code server.admin}, the listener for those who operate the program. */
final class AdminKeys {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");
    /** A name or a number, and perhaps a group behind it. */
    private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?");
    /** What a header field can carry (RFC 6750 §2.1). */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private static final int MOST_TOKEN_BYTES = 4096;
    /** The path of a unix socket has 108 bytes with the zero behind it, and a new socket has five more at first. */
    private static final int MOST_SOCKET_BYTES = 102;

    private static final int MOST_HOSTS = 1_000;

    private final Section server;
    private final FileChecks files;
    private final Findings findings;

    AdminKeys(Section server, FileChecks files) {
        this.server = server;
        this.files = files;
        this.findings = server.findings();
    }

    @Nullable
    Admin read() {
        JsonNode value = server.value("admin");
        if (value == null || value.equals(BooleanNode.FALSE)) {
            return null;
        }
        Section admin = server.section("admin");
        Path socket = admin.path("socket");
        int port = admin.port("port", files.leastPort(), 0);
        if (socket == null && !admin.has("port") && value.isObject()) {
            findings.problem(admin.pathOf("port"), "missing, give a port or a socket");
        } else if (socket != null && (admin.has("port") || admin.has("address"))) {
            findings.problem(admin.pathOf("socket"), "give either a socket, or an address and a port");
        }
        if (socket != null && socket.toString().getBytes(StandardCharsets.UTF_8).length > MOST_SOCKET_BYTES) {
            findings.problem(admin.pathOf("socket"), "expected a path of at most " + MOST_SOCKET_BYTES + " bytes");
        }
        String address = address(admin);
        String token = token(admin);
        if (socket == null && token == null && !isLoopback(address)) {
            findings.warning(
                    admin.pathOf("address"),
                    "everybody who can reach " + address
                            + " sees hosts, backends and traffic; set server.admin.token, or listen on " + LOOPBACK);
        }
        return new Admin(
                address,
                port,
                socket,
                matching(admin, "mode", MODE, "the mode of a file such as \"0660\"", "0600"),
                matching(admin, "owner", OWNER, "a user, or user:group", ""),
                token,
                write(admin, socket == null && !isLoopback(address)),
                admin.wholeNumber("hosts", 1, MOST_HOSTS, 100));
    }

    /** Without a token everybody who reaches the listener could change where requests go. */
    private boolean write(Section admin, boolean remote) {
        boolean write = admin.flag("write", false);
        if (write && !admin.has("token") && !admin.has("tokenFile")) {
            findings.problem(admin.pathOf("write"), "needs server.admin.token or server.admin.tokenFile");
        } else if (write && remote) {
            findings.warning(
                    admin.pathOf("write"),
                    "the token crosses the network unencrypted; listen on " + LOOPBACK
                            + " behind something that speaks TLS");
        }
        return write;
    }

    private String address(Section admin) {
        String address = admin.text("address");
        if (address != null && !IpAddress.isLiteral(address)) {
            findings.problem(admin.pathOf("address"), "expected an IPv4 or IPv6 address");
        }
        return address == null ? LOOPBACK : address;
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.equals("::1");
    }

    private String matching(Section admin, String key, Pattern pattern, String expected, String otherwise) {
        String text = admin.text(key);
        if (text != null && !pattern.matcher(text).matches()) {
            findings.problem(admin.pathOf(key), "expected " + expected);
            return otherwise;
        }
        return text == null ? otherwise : text;
    }

    private @Nullable String token(Section admin) {
        String token = admin.secretText("token");
        Path file = admin.path("tokenFile");
        String from = "token";
        if (file != null) {
            if (token != null) {
                findings.problem(admin.pathOf("tokenFile"), "give either a token or the file of one");
            }
            from = "tokenFile";
            token = files.isEnabled() ? read(admin, file) : null;
        }
        if (token != null && !TOKEN.matcher(token).matches()) {
            findings.problem(admin.pathOf(from), "expected letters, digits and any of - . _ ~ + /");
        }
        return token;
    }

    private @Nullable String read(Section admin, Path file) {
        try {
            FileChecks.refuseNamedPipe(file);
            return new String(FileChecks.bytes(file, MOST_TOKEN_BYTES), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            findings.problem(admin.pathOf("tokenFile"), "cannot read " + file + ": " + FileFault.words(e));
            return null;
        }
    }

    static @Nullable JsonNode written(@Nullable Admin admin, UnaryOperator<String> secrets) {
        if (admin == null) {
            return null;
        }
        ObjectNode object = JsonText.object();
        if (admin.socket() == null) {
            object.put("address", admin.address()).put("port", admin.port());
        } else {
            object.put("socket", admin.socket().toString());
        }
        object.put("mode", admin.mode());
        if (!admin.owner().isEmpty()) {
            object.put("owner", admin.owner());
        }
        if (admin.token() != null) {
            object.put("token", secrets.apply(admin.token()));
        }
        object.put("write", admin.write());
        object.set("hosts", Written.number(admin.hosts()));
        return object;
    }
}
