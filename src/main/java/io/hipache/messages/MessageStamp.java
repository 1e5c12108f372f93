package io.hipache.messages;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Writes the time of a message in the {@link LogStyle}. The configuration of the log names this class. */
public final class MessageStamp extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return LogStyle.stamp(event.getInstant());
    }
}
