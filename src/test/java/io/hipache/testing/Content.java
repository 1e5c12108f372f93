package io.hipache.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** The body of a {@link Response} and how it is framed. */
interface Content {
    /** The header lines that announce the framing. */
    List<String> framing(ReceivedRequest request);

    void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException;

    /** Whether the body ends when the connection is closed. */
    default boolean endsWithConnection() {
        return false;
    }

    /** Writes the bytes of a body to a stream. */
    interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Neither a body nor framing, as for 204 and 304. */
    record None() implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            return List.of();
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) {}
    }

    record Sized(long length, Source source) implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            return List.of("content-length: " + length);
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException {
            source.writeTo(wire.out());
        }
    }

    /** A chunked body; every write of the source is one chunk. */
    record Chunked(Source source) implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            return List.of("transfer-encoding: chunked");
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException {
            source.writeTo(new ChunkStream(wire.out()));
            ChunkStream.end(wire.out(), trailers);
        }
    }

    record UntilClose(Source source) implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            return List.of();
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException {
            source.writeTo(wire.out());
        }

        @Override
        public boolean endsWithConnection() {
            return true;
        }
    }

    /** The request's body, sent back piece by piece as it arrives, in the framing of the request. */
    record Echo() implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            boolean chunked = request.head().chunked();
            return List.of(
                    chunked
                            ? "transfer-encoding: chunked"
                            : "content-length: " + Math.max(0, request.head().contentLength()));
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException {
            if (request.head().chunked()) {
                wire.readBody(request, new FlushingStream(new ChunkStream(wire.out())));
                ChunkStream.end(wire.out(), trailers);
            } else {
                wire.readBody(request, new FlushingStream(wire.out()));
            }
        }
    }

    /**
     * A body that the test sends piece by piece.
     *
     * @param length the announced length in bytes, -1 for a chunked body
     */
    record Dripping(Drip drip, long length) implements Content {
        @Override
        public List<String> framing(ReceivedRequest request) {
            return List.of(length < 0 ? "transfer-encoding: chunked" : "content-length: " + length);
        }

        @Override
        public void write(ReceivedRequest request, Wire wire, List<String> trailers) throws IOException {
            wire.out().flush();
            drip.run(wire, length < 0);
        }
    }
}
