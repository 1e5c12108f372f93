package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hipache.http.Framing.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {

    @ParameterizedTest
    @CsvSource({
        "X: y,                        NONE,    0",
        "Content-Length: 0,           LENGTH,  0",
        "Content-Length: 5,           LENGTH,  5",
        "Content-Length: 007,         LENGTH,  7",
        "Content-Length: \t12 \t,     LENGTH,  12",
        "Content-Length: 999999999999999999, LENGTH, 999999999999999999",
        "Transfer-Encoding: chunked,  CHUNKED, 0",
        "Transfer-Encoding: Chunked,  CHUNKED, 0",
        "transfer-encoding:chunked ,  CHUNKED, 0"
    })
    void ofARequest(String field, Kind kind, long length) {
        assertThat(Framing.ofRequest(Version.HTTP_1_1, Heads.fields(field))).isEqualTo(new Framing(kind, length));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+5",
                "-5",
                "5 5",
                "5, 5",
                "5,5",
                "0x5",
                "5.0",
                "1e3",
                "5;",
                "a",
                "1000000000000000000",
                "0000000000000000005",
                "99999999999999999999999",
                "\u00b2",
                "5\u00a0"
            })
    void refusesALengthThatIsNotPlainDigits(String value) {
        MalformedMessage refusal = refusal(Version.HTTP_1_1, "Content-Length: " + value);

        assertThat(refusal).hasMessage("invalid content-length");
        assertThat(refusal.status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"5, 6", "5, 5", "5, ''"})
    void refusesTwoLengthsEvenIfTheyAreEqual(String first, String second) {
        assertThat(refusal(Version.HTTP_1_1, "Content-Length: " + first, "content-length: " + second))
                .hasMessage("more than one content-length");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "0", "", "x"})
    void refusesALengthBesideChunks(String length) {
        String wanted = "both transfer-encoding and content-length";

        assertThat(refusal(Version.HTTP_1_1, "Content-Length: " + length, "Transfer-Encoding: chunked"))
                .hasMessage(wanted);
        assertThat(refusal(Version.HTTP_1_1, "Transfer-Encoding: x", "Content-Length: " + length))
                .hasMessage(wanted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip, chunked    | 501 | unsupported transfer coding",
                "chunked, chunked | 501 | unsupported transfer coding",
                ", chunked        | 501 | unsupported transfer coding",
                "x,CHUNKED        | 501 | unsupported transfer coding",
                "''               | 400 | transfer-encoding does not end in chunked",
                "gzip             | 400 | transfer-encoding does not end in chunked",
                "identity         | 400 | transfer-encoding does not end in chunked",
                "chunked, gzip    | 400 | transfer-encoding does not end in chunked",
                "chunked,         | 400 | transfer-encoding does not end in chunked",
                "xchunked         | 400 | transfer-encoding does not end in chunked",
                "chunked;q=1      | 400 | transfer-encoding does not end in chunked",
                "\"chunked\"      | 400 | transfer-encoding does not end in chunked",
                "'\u00a0chunked'  | 400 | transfer-encoding does not end in chunked"
            })
    void refusesEveryCodingButChunked(String value, int status, String reason) {
        MalformedMessage refusal = refusal(Version.HTTP_1_1, "Transfer-Encoding: " + value);

        assertThat(refusal).hasMessage(reason);
        assertThat(refusal.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"chunked, chunked", "gzip, chunked", "chunked, ''"})
    void refusesTwoFieldsOfCodings(String first, String second) {
        assertThat(refusal(Version.HTTP_1_1, "Transfer-Encoding: " + first, "Transfer-Encoding: " + second))
                .hasMessage("more than one transfer-encoding");
    }

    @Test
    void refusesChunksInHttp10() {
        assertThat(refusal(Version.HTTP_1_0, "Transfer-Encoding: chunked")).hasMessage("transfer-encoding in HTTP/1.0");
    }

    @ParameterizedTest
    @CsvSource({
        "false, 200, X: y,                       UNTIL_CLOSE, 0",
        "false, 200, Content-Length: 5,          LENGTH,      5",
        "false, 200, Content-Length: 0,          LENGTH,      0",
        "false, 200, Transfer-Encoding: chunked, CHUNKED,     0",
        "false, 500, X: y,                       UNTIL_CLOSE, 0",
        "false, 205, Content-Length: 0,          LENGTH,      0",
        "true,  200, X: y,                       NONE,        0",
        "true,  200, Content-Length: 5,          NONE,        0",
        "true,  200, Transfer-Encoding: chunked, NONE,        0",
        "false, 100, Content-Length: 5,          NONE,        0",
        "false, 101, Transfer-Encoding: chunked, NONE,        0",
        "false, 199, X: y,                       NONE,        0",
        "false, 204, Content-Length: 5,          NONE,        0",
        "false, 204, Transfer-Encoding: chunked, NONE,        0",
        "false, 304, Content-Length: 5,          NONE,        0",
        "false, 304, X: y,                       NONE,        0"
    })
    void ofAResponse(boolean toHead, int status, String field, Kind kind, long length) {
        Framing framing = Framing.ofResponse(toHead, Version.HTTP_1_1, status, Heads.fields(field));

        assertThat(framing).isEqualTo(new Framing(kind, length));
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0, true", "LENGTH, 0, true", "LENGTH, 1, false", "CHUNKED, 0, false", "UNTIL_CLOSE, 0, false"})
    void isEmptyWhenTheMessageEndsWithItsHead(Kind kind, long length, boolean empty) {
        assertThat(new Framing(kind, length).isEmpty()).isEqualTo(empty);
    }

    private static MalformedMessage refusal(Version version, String... fields) {
        return catchThrowableOfType(MalformedMessage.class, () -> Framing.ofRequest(version, Heads.fields(fields)));
    }
}
