package io.hipache.testing;

import java.io.IOException;

/** The ways in which a backend fails. Unless stated otherwise, the backend first reads the whole request. */
public sealed interface Misbehaviour extends Reply {

    /** Stops listening and ends all open connections, as if its process had died. */
    record Refuse() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.reset();
        }
    }

    /**
     * Accepts and resets at once, without reading. The other side sees either a failed connect or the end of a new
     * connection; which of the two is a matter of microseconds. A test must allow both.
     */
    record ResetOnConnect() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.reset();
        }
    }

    /** Resets when it has read the request's head, while the body may still arrive. */
    record ResetDuringRequest() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.reset();
        }
    }

    /** Resets instead of answering. */
    record ResetBeforeHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.reset();
        }
    }

    /** Closes in an orderly way instead of answering. */
    record CloseBeforeHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.finish();
        }
    }

    /** Answers with a complete head that announces ten bytes, and then resets. */
    record ResetAfterHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
            wire.reset();
        }
    }

    /** Never answers, and keeps the connection open until the other side closes it. */
    record Stall() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.awaitClose();
            wire.close();
        }
    }

    /** Sends a head and half of the body, then sends nothing more until the other side closes the connection. */
    record StallInBody() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
            wire.awaitClose();
            wire.close();
        }
    }

    /** Closes in the middle of a head. */
    record HalfHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\nx-unfin").answer(request, wire);
        }
    }

    /** Closes after five of ten bytes. */
    record HalfBody() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").answer(request, wire);
        }
    }

    /** Closes after a complete chunk, without the last chunk. */
    record HalfChunkedBody() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
                    .answer(request, wire);
        }
    }

    /** Answers with something that is not HTTP. */
    record Garbage() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("\u0016\u0003\u0001 this is not HTTP\r\n\r\n").answer(request, wire);
        }
    }

    /** Sends two different content lengths. */
    record TwoLengths() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 3\r\n\r\nhello")
                    .answer(request, wire);
        }
    }

    /** Switches protocols although the request did not ask for that. */
    record UnaskedUpgrade() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
                    .answer(request, wire);
        }
    }
}
