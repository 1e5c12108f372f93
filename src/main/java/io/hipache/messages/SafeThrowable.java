package io.hipache.messages;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;

/**
 * Writes a stack trace with every line indented. A line feed in the text of an exception then begins no line that looks like
 * a message.
 */
final class SafeThrowable extends ThrowableProxyConverter {
    private static final String INDENTATION = "    ";

    @Override
    protected String throwableProxyToString(IThrowableProxy thrown) {
        StringBuilder lines = new StringBuilder();
        super.throwableProxyToString(thrown).lines().forEach(line -> {
            String rest = line.stripLeading();
            boolean deeper = rest.length() < line.length();
            lines.append(INDENTATION).append(deeper ? INDENTATION : "").append(Printable.line(rest));
            lines.append(System.lineSeparator());
        });
        return lines.toString();
    }
}
