package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFormatTest {
    private final LineFormat format = new JsonFormat(Shown.EVERYTHING);

    @Test
    void writesOneObjectALine() {
        assertThat(Ends.line(format, Ends.retried()))
                .isEqualTo("{\"time\":\"2014-02-16T00:43:10.007Z\",\"request_id\":\"id-1\",\"trace_parent\":null,"
                        + "\"client\":\"192.0.2.77\",\"listener\":\"127.0.0.1:80\",\"protocol\":\"HTTP/1.1\","
                        + "\"method\":\"GET\",\"target\":\"/a?token=1\",\"unreadable\":null,"
                        + "\"host\":\"www.example.com\",\"referer\":\"http://r.example/p?q=2\","
                        + "\"user_agent\":\"curl/7.30.0\",\"status\":200,\"reason\":\"answered\","
                        + "\"bytes_received\":77,\"bytes_sent\":3236,\"frontend\":\"*.example.com\","
                        + "\"virtual_host\":\"site\",\"stale\":false,\"attempts\":2,"
                        + "\"failed_attempts\":[{\"backend\":\"http://one:81/\",\"backend_index\":0,"
                        + "\"backend_time\":0.001000,\"reason\":\"connect_refused\"}],"
                        + "\"backend\":\"http://two:82/\",\"backend_index\":1,\"backend_time\":0.010000,"
                        + "\"wait_time\":0.002000,\"connect_time\":0.003000,\"first_byte_time\":0.004567,"
                        + "\"lookup_time\":0.000500,\"total_time\":0.011000}");
    }

    @Test
    void writesNullForWhatThereIsNot() {
        assertThat(Ends.line(format, Ends.unreadable("")))
                .isEqualTo("{\"time\":\"2014-02-16T00:43:10.007Z\",\"request_id\":null,\"trace_parent\":null,"
                        + "\"client\":\"192.0.2.77\",\"listener\":\"127.0.0.1:80\",\"protocol\":null,"
                        + "\"method\":null,\"target\":null,\"unreadable\":null,"
                        + "\"host\":null,\"referer\":null,\"user_agent\":null,\"status\":400,"
                        + "\"reason\":\"malformed_request\",\"bytes_received\":0,\"bytes_sent\":150,"
                        + "\"frontend\":null,\"virtual_host\":null,\"stale\":false,\"attempts\":0,"
                        + "\"failed_attempts\":[],\"backend\":null,\"backend_index\":null,\"backend_time\":null,"
                        + "\"wait_time\":null,\"connect_time\":null,\"first_byte_time\":null,"
                        + "\"lookup_time\":null,\"total_time\":0.000000}");
    }

    @Test
    void hasWhatWasReadOfAnUnreadableRequest() throws Exception {
        JsonNode line = parsed(Ends.line(format, Ends.unreadable("GET  / HTTP/1.1")));

        assertThat(line.get("unreadable").textValue()).isEqualTo("GET  / HTTP/1.1");
        assertThat(line.get("target").isNull()).isTrue();
    }

    @Test
    void hasNullForAnAnswerThatThereWasNot() throws Exception {
        assertThat(parsed(Ends.line(format, Ends.reset())).get("status").isNull())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain ~!                 | plain ~!",
                "say \"hi\" \\            | say \\\"hi\\\" \\\\",
                "`\u0000\r\n\u001f\u007f` | \\u0000\\u000D\\u000A\\u001F\\u007F",
                "caf\u00c3\u00a9          | caf\\u00E9",
                "\u00e2\u0080\u00a8x      | \\u2028x",
                "\u00f0\u009f\u0098\u0080 | \\uD83D\\uDE00",
                "caf\u00e9                | caf\\u00E9",
                "\u00c0\u00af             | \\u00C0\\u00AF",
                "\u00ed\u00a0\u0080       | \\u00ED\\u00A0\\u0080",
                "\u00f4\u0090\u0080\u0080 | \\u00F4\\u0090\\u0080\\u0080",
                "\u00e2\u0082             | \\u00E2\\u0082",
            })
    void writesTheBytesOfAClientInAscii(String bytes, String written) {
        String line = Ends.line(
                format,
                Ends.end("HTTP/1.1", "::1", "GET / HTTP/1.1", "h", "", bytes, List.of(), 502, EndReason.STORE_AWAY));

        assertThat(line).contains("\"user_agent\":\"" + written + "\",");
    }

    @Test
    void writesHalfOfACharacterOfTheStoreAsAReplacement() {
        LineBuffer buffer = new LineBuffer();
        JsonText.append("\ud83d.\ud83d\ude00", buffer);

        assertThat(new String(buffer.array(), 0, buffer.length(), java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("\"\\uFFFD.\\uD83D\\uDE00\"");
    }

    @Test
    void namesTheLastOnesOfManyFailedAttempts() throws Exception {
        List<AttemptOutcome> attempts =
                Collections.nCopies(50, new AttemptOutcome("http://b/", 0, EndReason.CONNECT_REFUSED, 0, 0, 0, 0));

        JsonNode line = parsed(Ends.line(
                format,
                Ends.end("HTTP/1.1", "::1", "GET / HTTP/1.1", "h", "", "", attempts, 502, EndReason.CONNECT_REFUSED)));

        assertThat(line.get("attempts").intValue()).isEqualTo(50);
        assertThat(line.get("failed_attempts")).hasSize(JsonFormat.MOST_FAILED);
    }

    private static JsonNode parsed(String line) throws Exception {
        return new ObjectMapper().readTree(line);
    }
}
