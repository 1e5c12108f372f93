package io.hipache.link;

/** The first byte of a frame says what message it is. */
final class FrameType {
    static final byte START = 1;
    static final byte STOP = 2;
    static final byte READY = 3;
    static final byte FAILED = 4;
    static final byte ACCESS_LOG = 5;
    static final byte RETIRE = 6;
    static final byte REPLACE_ME = 7;
    static final byte TICKET_KEYS = 8;
    static final byte ADOPT = 9;
    static final byte ADOPTED = 10;
    static final byte RELEASE = 11;
    static final byte PING = 12;
    static final byte PONG = 13;
    static final byte PREPARE = 14;
    static final byte PREPARED = 15;
    static final byte REFUSED = 16;
    static final byte SWITCH = 17;
    static final byte SWITCHED = 18;
    static final byte DISCARD = 19;
    static final byte BACKEND_DIED = 20;
    static final byte KNOWN = 21;
    static final byte FIGURES = 22;

    private FrameType() {}
}
