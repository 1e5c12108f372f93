package io.hipache.accesslog;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;

/**
 * What the access log has, and how it is written.
 *
 * @param refused whether requests without a backend have a line
 * @param query whether lines show the queries of URLs
 * @param shortAddresses whether lines show only the network of a client
 */
public record AccessLogOptions(Format format, boolean refused, boolean query, boolean shortAddresses) {

    /** The formats of a line. */
    public enum Format {
        HIPACHE,
        EXTENDED,
        JSON,
        COMBINED
    }

    /** Makes the lines, beginning with the next one. */
    public LineFormat newFormat() {
        Shown shown = new Shown(query, shortAddresses);
        return switch (format) {
            case HIPACHE -> new HipacheFormat(shown);
            case EXTENDED -> new ExtendedFormat(shown);
            case JSON -> new JsonFormat(shown);
            case COMBINED -> new CombinedFormat(shown);
        };
    }

    /** Whether this end has a line. A health check that went well has none: balancers send several in a second. */
    public boolean logs(ExchangeEnd end) {
        return end.hadBackend() || (refused && end.reason() != EndReason.PING && end.reason() != EndReason.READY);
    }
}
