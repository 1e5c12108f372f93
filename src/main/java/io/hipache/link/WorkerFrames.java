package io.hipache.link;

import static io.hipache.link.FrameType.ACCESS_LOG;
import static io.hipache.link.FrameType.ADOPT;
import static io.hipache.link.FrameType.ADOPTED;
import static io.hipache.link.FrameType.BACKEND_DIED;
import static io.hipache.link.FrameType.DISCARD;
import static io.hipache.link.FrameType.FAILED;
import static io.hipache.link.FrameType.FIGURES;
import static io.hipache.link.FrameType.KNOWN;
import static io.hipache.link.FrameType.PING;
import static io.hipache.link.FrameType.PONG;
import static io.hipache.link.FrameType.PREPARE;
import static io.hipache.link.FrameType.PREPARED;
import static io.hipache.link.FrameType.READY;
import static io.hipache.link.FrameType.REFUSED;
import static io.hipache.link.FrameType.RELEASE;
import static io.hipache.link.FrameType.REPLACE_ME;
import static io.hipache.link.FrameType.RETIRE;
import static io.hipache.link.FrameType.START;
import static io.hipache.link.FrameType.STOP;
import static io.hipache.link.FrameType.SWITCH;
import static io.hipache.link.FrameType.SWITCHED;
import static io.hipache.link.FrameType.TICKET_KEYS;
import static io.hipache.link.WorkerMessages.INT_BYTES;
import static io.hipache.link.WorkerMessages.LENGTH_BYTES;

import io.hipache.snapshot.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Encodes {@link WorkerMessage}s as {@link WorkerMessages} reads them. */
final class WorkerFrames {
    private WorkerFrames() {}

    static byte[] encode(WorkerMessage message) {
        if (message instanceof WorkerMessage.AccessLog log) {
            return bytesFrame(ACCESS_LOG, log.lines());
        }
        if (message instanceof WorkerMessage.Known known) {
            return knownFrame(known);
        }
        if (message instanceof WorkerMessage.Figures figures) {
            return bytesFrame(FIGURES, figures.report());
        }
        if (message instanceof WorkerMessage.TicketKeys keys) {
            return bytesFrame(TICKET_KEYS, keys.keys());
        }
        if (message instanceof WorkerMessage.Start start) {
            byte[] config = utf8(start.config());
            byte[] address = utf8(start.handoverAddress());
            byte[] frame = frame(START, 2 * LENGTH_BYTES + config.length + INT_BYTES + address.length + 1);
            put(address, put(config, fields(frame)).putInt(start.slot())).put((byte) (start.served() ? 1 : 0));
            return frame;
        }
        if (message instanceof WorkerMessage.Adopt adopt) {
            return adoptFrame(adopt);
        }
        if (message instanceof WorkerMessage.Adopted adopted) {
            return numbersFrame(ADOPTED, adopted.ids());
        }
        if (message instanceof WorkerMessage.Release release) {
            return numbersFrame(RELEASE, release.ids());
        }
        if (message instanceof WorkerMessage.Ping ping) {
            return numbersFrame(PING, List.of(ping.number()));
        }
        if (message instanceof WorkerMessage.Pong pong) {
            byte[] frame = frame(PONG, INT_BYTES + 1);
            fields(frame).putInt(pong.number()).put((byte) (pong.storeUsable() ? 1 : 0));
            return frame;
        }
        if (message instanceof WorkerMessage.Ready ready) {
            return textFrame(READY, ready.storeProblem());
        }
        if (message instanceof WorkerMessage.Prepare prepare) {
            return numberedTextFrame(PREPARE, prepare.number(), prepare.config());
        }
        if (message instanceof WorkerMessage.Prepared prepared) {
            return numberedTextFrame(PREPARED, prepared.number(), prepared.storeProblem());
        }
        if (message instanceof WorkerMessage.Refused refused) {
            return numberedTextFrame(REFUSED, refused.number(), refused.reason());
        }
        if (message instanceof WorkerMessage.Switch order) {
            return numbersFrame(SWITCH, List.of(order.number()));
        }
        if (message instanceof WorkerMessage.Switched switched) {
            return numbersFrame(SWITCHED, List.of(switched.number()));
        }
        if (message instanceof WorkerMessage.Discard discard) {
            return numbersFrame(DISCARD, List.of(discard.number()));
        }
        if (message instanceof WorkerMessage.BackendDied died) {
            byte[] host = utf8(died.deadHost());
            byte[] entry = utf8(died.entry());
            byte[] frame = frame(BACKEND_DIED, 2 * LENGTH_BYTES + host.length + entry.length);
            put(entry, put(host, fields(frame)));
            return frame;
        }
        if (message instanceof WorkerMessage.Failed failed) {
            return textFrame(FAILED, failed.reason());
        }
        if (message instanceof WorkerMessage.ReplaceMe replaceMe) {
            return textFrame(REPLACE_ME, replaceMe.reason());
        }
        return frame(typeWithoutFields(message), 0);
    }

    private static byte typeWithoutFields(WorkerMessage message) {
        return message instanceof WorkerMessage.Stop ? STOP : RETIRE;
    }

    private static byte[] bytesFrame(byte type, ByteBuffer bytes) {
        byte[] frame = frame(type, bytes.remaining());
        fields(frame).put(bytes.duplicate());
        return frame;
    }

    private static byte[] knownFrame(WorkerMessage.Known known) {
        byte[] store = utf8(known.store());
        byte[] frame = frame(KNOWN, LENGTH_BYTES + store.length + Entry.length(known.entries()));
        ByteBuffer fields = put(store, fields(frame));
        known.entries().forEach(entry -> entry.write(fields));
        return frame;
    }

    private static byte[] adoptFrame(WorkerMessage.Adopt adopt) {
        byte[] token = utf8(adopt.token());
        byte[] frame = frame(
                ADOPT,
                LENGTH_BYTES + token.length + 2 * INT_BYTES * adopt.sockets().size());
        ByteBuffer fields = put(token, fields(frame));
        adopt.sockets().forEach(socket -> fields.putInt(socket.id()).putInt(socket.listener()));
        return frame;
    }

    private static byte[] numbersFrame(byte type, List<Integer> numbers) {
        byte[] frame = frame(type, INT_BYTES * numbers.size());
        ByteBuffer fields = fields(frame);
        numbers.forEach(fields::putInt);
        return frame;
    }

    private static byte[] textFrame(byte type, String text) {
        byte[] utf8 = utf8(text);
        byte[] frame = frame(type, LENGTH_BYTES + utf8.length);
        put(utf8, fields(frame));
        return frame;
    }

    private static byte[] numberedTextFrame(byte type, int number, String text) {
        byte[] utf8 = utf8(text);
        byte[] frame = frame(type, INT_BYTES + LENGTH_BYTES + utf8.length);
        put(utf8, fields(frame).putInt(number));
        return frame;
    }

    private static byte[] frame(byte type, int fieldBytes) {
        byte[] frame = new byte[LENGTH_BYTES + 1 + fieldBytes];
        ByteBuffer.wrap(frame).putInt(1 + fieldBytes).put(type);
        return frame;
    }

    private static ByteBuffer fields(byte[] frame) {
        return ByteBuffer.wrap(frame).position(LENGTH_BYTES + 1);
    }

    private static ByteBuffer put(byte[] text, ByteBuffer fields) {
        return fields.putInt(text.length).put(text);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
