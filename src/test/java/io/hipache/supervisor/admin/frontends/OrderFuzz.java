package io.hipache.supervisor.admin.frontends;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hipache.frontends.InvalidInputException;
import io.hipache.routing.BackendUrl;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The body of a request that changes a frontend. It is refused, or it is an order whose texts fit on a line and come back from the
 * store as they were, whose new backends can be used, and that is read again as the same.
 */
public final class OrderFuzz {
    private OrderFuzz() {}

    public static void fuzzerTestOneInput(byte[] body) throws InvalidInputException {
        Order order;
        try {
            order = Order.read(body);
        } catch (InvalidInputException e) {
            if (String.valueOf(e.getMessage()).isBlank()) {
                throw new AssertionError("refused without a reason", e);
            }
            return;
        }
        String identifier = order.identifier();
        boolean adds = order.action() == Order.Action.ADD;
        boolean usable = order.backends().stream().allMatch(entry -> BackendUrl.parse(entry) != null);
        if (order.backends().isEmpty()
                || !order.backends().stream().allMatch(OrderFuzz::isStoredAsItIs)
                || (adds && !usable)
                || (identifier != null && (!adds || !isStoredAsItIs(identifier)))) {
            throw new AssertionError(order.toString());
        }
        Order again = Order.read(written(order));
        if (!again.equals(order)) {
            throw new AssertionError(order + " is read as " + again);
        }
        if (!isLine(order.shownBackends())) {
            throw new AssertionError("the log would show " + order.shownBackends());
        }
    }

    private static boolean isStoredAsItIs(String text) {
        byte[] stored = text.getBytes(StandardCharsets.UTF_8);
        return isLine(text) && new String(stored, StandardCharsets.UTF_8).equals(text);
    }

    private static boolean isLine(String text) {
        return !text.isEmpty() && text.chars().noneMatch(Character::isISOControl);
    }

    private static byte[] written(Order order) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("action", order.action().name().toLowerCase(Locale.ROOT));
        ArrayNode backends = json.putArray("backends");
        List.copyOf(order.backends()).forEach(backends::add);
        if (order.identifier() != null) {
            json.put("identifier", order.identifier());
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
