package io.hipache.messages;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import org.jspecify.annotations.Nullable;

/**
 * Writes a message as node's util.log did: {@code 22 Nov 08:33:11 - message}. The time is that of the {@link LogStyle}, the
 * level is in front of the text, see {@link MessageLevel}. Text of clients, backends and tenants stays within its line.
 */
final class MessageEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    private final String source;
    private @Nullable SafeThrowable traces;

    /** @param source who says it, in front of the level; empty for nobody */
    MessageEncoder(String source) {
        this.source = source;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = LogStyle.stamp(event.getInstant())
                + " - "
                + source
                + MessageLevel.lead(event.getLevel())
                + Printable.line(event.getFormattedMessage())
                + System.lineSeparator();
        return (event.getThrowableProxy() == null ? line : line + traces().convert(event)).getBytes(UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    private SafeThrowable traces() {
        SafeThrowable current = traces;
        if (current == null) {
            current = new SafeThrowable();
            current.setContext(getContext());
            current.start();
            traces = current;
        }
        return current;
    }
}
