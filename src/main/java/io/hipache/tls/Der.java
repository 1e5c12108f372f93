package io.hipache.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A reader of ASN.1 in the distinguished encoding (X.690): as much of it as keys and OCSP responses need. Each read
 * moves it to the next element.
 */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OID = 0x06;
    static final int ENUMERATED = 0x0a;
    static final int GENERALIZED_TIME = 0x18;
    static final int SEQUENCE = 0x30;
    /** The tag "constructed, context specific, number 0". The tags of other numbers follow it. */
    static final int TAGGED = 0xa0;

    private final ByteBuffer rest;

    private Der(ByteBuffer rest) {
        this.rest = rest;
    }

    static Der of(byte[] encoded) {
        return new Der(ByteBuffer.wrap(encoded));
    }

    boolean isAtEnd() {
        return !rest.hasRemaining();
    }

    boolean isAt(int tag) {
        return rest.hasRemaining() && (rest.get(rest.position()) & 0xff) == tag;
    }

    /** A reader for the elements inside the next element, which must have this tag. */
    Der enter(int tag) throws BadPem {
        return new Der(content(tag));
    }

    /** The content of the next element, which must have this tag. */
    byte[] bytes(int tag) throws BadPem {
        return copy(content(tag));
    }

    /** The next element, which must be an integer of at most four bytes. */
    int number() throws BadPem {
        byte[] bytes = bytes(INTEGER);
        if (bytes.length < 1 || bytes.length > 4) {
            throw damaged();
        }
        int value = bytes[0];
        for (int i = 1; i < bytes.length; i++) {
            value = (value << 8) | (bytes[i] & 0xff);
        }
        return value;
    }

    /** The next element, which must be an object identifier, as hexadecimal digits. */
    String oid() throws BadPem {
        return HexFormat.of().formatHex(bytes(OID));
    }

    /** The next element with its tag and length. */
    byte[] whole() throws BadPem {
        ByteBuffer from = rest.duplicate();
        skip();
        from.limit(rest.position());
        return copy(from);
    }

    /** Passes over the next element. */
    void skip() throws BadPem {
        if (isAtEnd()) {
            throw damaged();
        }
        content(rest.get(rest.position()) & 0xff);
    }

    private ByteBuffer content(int tag) throws BadPem {
        if (!isAt(tag)) {
            throw damaged();
        }
        rest.get();
        int length = length();
        if (length > rest.remaining()) {
            throw damaged();
        }
        ByteBuffer content = rest.slice(rest.position(), length);
        rest.position(rest.position() + length);
        return content;
    }

    private int length() throws BadPem {
        int first = rest.hasRemaining() ? rest.get() & 0xff : 0xff;
        if (first < 0x80) {
            return first;
        }
        int bytes = first & 0x7f;
        if (bytes < 1 || bytes > 3 || bytes > rest.remaining()) {
            throw damaged();
        }
        int length = 0;
        for (int i = 0; i < bytes; i++) {
            length = (length << 8) | (rest.get() & 0xff);
        }
        return length;
    }

    /**
     * Encodes one element.
     *
     * @param parts the content, concatenated; less than 16 MiB
     */
    static byte[] write(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length >= 0x10000) {
            out.write(0x83);
            out.write(length >> 16);
            out.write(length >> 8);
        } else if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private static BadPem damaged() {
        return new BadPem("is damaged");
    }
}
