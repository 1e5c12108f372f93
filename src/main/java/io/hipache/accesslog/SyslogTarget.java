package io.hipache.accesslog;

import io.hipache.config.address.BadUrl;
import io.hipache.config.address.SyslogAddress;
import io.hipache.syslog.SyslogSender;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A log daemon. It need not be there yet: lines are lost until it is. */
record SyslogTarget(String path, SyslogSender sender) implements LogTarget {

    static boolean isMeant(String path) {
        return path.startsWith(SyslogAddress.SCHEME);
    }

    static SyslogTarget open(String name, String path) throws IOException {
        try {
            return new SyslogTarget(path, SyslogSender.open(name, SyslogAddress.parse(path)));
        } catch (BadUrl e) {
            throw new IOException("cannot open the " + name + " " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void write(ByteBuffer lines) throws IOException {
        sender.send(lines);
    }

    @Override
    public long size() {
        return 0;
    }

    /** Never needed: a line is sent or not. */
    @Override
    public boolean takeBack(int bytes, long size) {
        return false;
    }

    @Override
    public void close() throws IOException {
        sender.close();
    }
}
