package io.hipache.accesslog;

import io.hipache.outcome.ExchangeEnd;

/**
 * What the lines show of a request. Where everything is shown, nothing is copied.
 *
 * @param query whether the queries of URLs are shown
 * @param shortAddresses whether only the network of a client is shown
 */
record Shown(boolean query, boolean shortAddresses) {
    static final Shown EVERYTHING = new Shown(true, false);

    String address(ExchangeEnd end) {
        return shortAddresses ? ShortAddress.of(end.clientAddress()) : end.clientAddress();
    }

    String requestLine(ExchangeEnd end) {
        String line = end.requestLine();
        int question = query ? -1 : line.indexOf('?');
        if (question < 0) {
            return line;
        }
        // a line that breaks the rules may have spaces in its query, and no protocol at its end
        int protocol = line.lastIndexOf(" HTTP/");
        return protocol > question
                ? line.substring(0, question).concat(line.substring(protocol))
                : line.substring(0, question);
    }

    /** The URL of the page before, whose query may hold secrets just as well. */
    String referer(ExchangeEnd end) {
        String referer = end.referer();
        int question = query ? -1 : referer.indexOf('?');
        return question < 0 ? referer : referer.substring(0, question);
    }
}
