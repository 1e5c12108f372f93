package io.hipache.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Encodes {@link SuccessionMessage}s as JSON, one object each. Unknown fields of a later version are ignored. */
final class SuccessionMessages {
    private static final JsonMapper MAPPER = new JsonMapper();

    private static final String HELLO = "hello";
    private static final String OFFER = "offer";
    private static final String COMPLETE = "complete";
    private static final String RETIRING = "retiring";
    private static final String REOPEN = "reopen";
    private static final String STOP = "stop";
    private static final String CALLED_OFF = "called-off";
    private static final String RELOAD = "reload";
    private static final String UPGRADE = "upgrade";
    private static final String BEGUN = "begun";
    private static final String ENDED = "ended";

    private SuccessionMessages() {}

    static byte[] encode(SuccessionMessage message) throws IOException {
        return MAPPER.writeValueAsBytes(tree(message));
    }

    /**
     * The inverse of {@link #encode}.
     *
     * @return null for a message that this version does not know
     * @throws LinkException when the bytes are no message
     */
    static @Nullable SuccessionMessage decode(byte[] json) throws LinkException {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (IOException e) {
            throw new LinkException("a message is not JSON");
        }
        return switch (text(tree, "type")) {
            case HELLO ->
                new SuccessionMessage.Hello(
                        number(tree, "version"),
                        number(tree, "sets"),
                        tree.path("service").asBoolean());
            case OFFER -> offer(tree);
            case COMPLETE -> new SuccessionMessage.Complete();
            case RETIRING -> new SuccessionMessage.Retiring();
            case REOPEN -> new SuccessionMessage.Reopen();
            case STOP -> new SuccessionMessage.Stop();
            case CALLED_OFF -> new SuccessionMessage.CalledOff(text(tree, "reason"));
            case RELOAD -> new SuccessionMessage.Reload();
            case UPGRADE -> new SuccessionMessage.Upgrade();
            case BEGUN -> new SuccessionMessage.Begun();
            case ENDED -> new SuccessionMessage.Ended(tree.path("complete").asBoolean(), lines(tree));
            default -> null;
        };
    }

    private static SuccessionMessage.Offer offer(JsonNode tree) throws LinkException {
        List<SuccessionMessage.Offer.Socket> sockets = new ArrayList<>();
        for (JsonNode socket : tree.path("sockets")) {
            sockets.add(new SuccessionMessage.Offer.Socket(
                    text(socket, "address"),
                    number(socket, "port"),
                    number(socket, "set"),
                    socket.path("ipv4Too").asBoolean()));
        }
        return new SuccessionMessage.Offer(
                number(tree, "version"),
                text(tree, "handoverAddress"),
                text(tree, "token"),
                sockets,
                keys(tree),
                tree.path("storeUsable").asBoolean(true));
    }

    private static List<String> lines(JsonNode tree) {
        List<String> lines = new ArrayList<>();
        tree.path("lines").forEach(line -> lines.add(line.asText()));
        return lines;
    }

    private static ByteBuffer keys(JsonNode tree) throws LinkException {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(text(tree, "ticketKeys")));
        } catch (IllegalArgumentException e) {
            throw new LinkException("ticketKeys is not in base64");
        }
    }

    private static String text(JsonNode tree, String field) throws LinkException {
        JsonNode value = tree.path(field);
        if (!value.isTextual()) {
            throw new LinkException("a message has no " + field);
        }
        return value.textValue();
    }

    private static int number(JsonNode tree, String field) throws LinkException {
        JsonNode value = tree.path(field);
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw new LinkException("a message has no " + field);
        }
        return value.intValue();
    }

    private static ObjectNode tree(SuccessionMessage message) {
        ObjectNode tree = MAPPER.createObjectNode();
        if (message instanceof SuccessionMessage.Hello hello) {
            return tree.put("type", HELLO)
                    .put("version", hello.version())
                    .put("sets", hello.sets())
                    .put("service", hello.service());
        }
        if (message instanceof SuccessionMessage.Offer offer) {
            return put(offer, tree.put("type", OFFER));
        }
        if (message instanceof SuccessionMessage.CalledOff calledOff) {
            return tree.put("type", CALLED_OFF).put("reason", calledOff.reason());
        }
        if (message instanceof SuccessionMessage.Ended ended) {
            ObjectNode report = tree.put("type", ENDED).put("complete", ended.complete());
            ended.lines().forEach(report.putArray("lines")::add);
            return report;
        }
        return tree.put("type", typeWithoutFields(message));
    }

    private static String typeWithoutFields(SuccessionMessage message) {
        if (message instanceof SuccessionMessage.Complete) {
            return COMPLETE;
        }
        if (message instanceof SuccessionMessage.Retiring) {
            return RETIRING;
        }
        if (message instanceof SuccessionMessage.Reload) {
            return RELOAD;
        }
        if (message instanceof SuccessionMessage.Upgrade) {
            return UPGRADE;
        }
        if (message instanceof SuccessionMessage.Begun) {
            return BEGUN;
        }
        return message instanceof SuccessionMessage.Reopen ? REOPEN : STOP;
    }

    private static ObjectNode put(SuccessionMessage.Offer offer, ObjectNode tree) {
        byte[] keys = new byte[offer.ticketKeys().remaining()];
        offer.ticketKeys().duplicate().get(keys);
        tree.put("version", offer.version())
                .put("handoverAddress", offer.handoverAddress())
                .put("token", offer.token())
                .put("storeUsable", offer.storeUsable())
                .put("ticketKeys", Base64.getEncoder().encodeToString(keys));
        ArrayNode sockets = tree.putArray("sockets");
        for (SuccessionMessage.Offer.Socket socket : offer.sockets()) {
            sockets.addObject()
                    .put("address", socket.address())
                    .put("port", socket.port())
                    .put("set", socket.set())
                    .put("ipv4Too", socket.ipv4Too());
        }
        return tree;
    }
}
