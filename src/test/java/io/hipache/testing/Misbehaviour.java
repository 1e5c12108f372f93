package io.hipache.testing;

import java.io.IOException;

/** The ways a backend fails. Each reads the request whole first unless it says otherwise. */
public sealed interface Misbehaviour extends Reply {

    /** Does not listen, and ends the connections it had: as if its process had died. */
    record Refuse() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.reset();
        }
    }

    /**
     * Accepts and resets at once, without reading. Whether the other side sees its connect fail or its new connection
     * die is a matter of microseconds: a test must hold for both.
     */
    record ResetOnConnect() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.reset();
        }
    }

    /** Resets once it has the request's head, while the body may still come. */
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

    /** Closes in order instead of answering. */
    record CloseBeforeHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.finish();
        }
    }

    /** Answers with a whole head that promises ten bytes, and resets. */
    record ResetAfterHead() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
            wire.reset();
        }
    }

    /** Never answers, and holds the connection until the other side ends it. */
    record Stall() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            wire.readBody(request);
            wire.awaitClose();
            wire.close();
        }
    }

    /** Sends a head and half of the body, and then nothing more until the other side ends the connection. */
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

    /** Closes a chunked body after a whole chunk, without the last one. */
    record HalfChunkedBody() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
                    .answer(request, wire);
        }
    }

    /** Speaks, but not HTTP. */
    record Garbage() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("\u0016\u0003\u0001 this is not HTTP\r\n\r\n").answer(request, wire);
        }
    }

    /** Sends two content lengths that differ. */
    record TwoLengths() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 3\r\n\r\nhello")
                    .answer(request, wire);
        }
    }

    /** Switches protocols although nobody asked for it. */
    record UnaskedUpgrade() implements Misbehaviour {
        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            Reply.raw("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
                    .answer(request, wire);
        }
    }
}
