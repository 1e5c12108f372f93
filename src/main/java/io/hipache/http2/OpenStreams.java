package io.hipache.http2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamVisitor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The open streams of one connection: Netty's streams, and the {@link ClientStream} that belongs to each. Confined to
 * the event loop.
 */
final class OpenStreams {
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;

    OpenStreams(Http2Connection connection) {
        this.connection = connection;
        this.key = connection.newKey();
    }

    void put(Http2Stream stream, ClientStream opened) {
        stream.setProperty(key, opened);
    }

    /** The stream with this id, or null when it is closed or has brought no request. */
    @Nullable
    ClientStream get(int id) {
        Http2Stream stream = connection.stream(id);
        return stream == null ? null : of(stream);
    }

    @Nullable
    ClientStream of(Http2Stream stream) {
        return stream.getProperty(key);
    }

    /** Calls {@code action} for every open stream that has brought a request. */
    void forEach(Consumer<ClientStream> action) {
        visit(stream -> {
            ClientStream opened = of(stream);
            if (opened != null) {
                action.accept(opened);
            }
            return true;
        });
    }

    /** Whether all open streams are as {@code wanted}. */
    boolean all(Predicate<Http2Stream> wanted) {
        try {
            return connection.forEachActiveStream(wanted::test) == null;
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Resets the open streams that are not {@code complete}: the rest of their requests will never come. */
    void resetUnless(Predicate<Http2Stream> complete, FrameHandler handler) {
        visit(stream -> {
            if (!complete.test(stream)) {
                handler.reset(stream, Http2Error.CANCEL);
            }
            return true;
        });
    }

    void closeAll() {
        visit(stream -> {
            stream.close();
            return true;
        });
    }

    private void visit(Http2StreamVisitor visitor) {
        try {
            connection.forEachActiveStream(visitor);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
