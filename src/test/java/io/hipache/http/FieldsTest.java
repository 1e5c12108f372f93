package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FieldsTest {

    @Test
    void keepsOrderCaseAndDuplicates() {
        Fields fields = Heads.fields("b: 1", "HOST: h", "B: 2", "b: 1");

        assertThat(Transcript.fields(fields)).isEqualTo(" {b: 1} {HOST: h} {B: 2} {b: 1}");
        assertThat(fields.size()).isEqualTo(4);
    }

    @Test
    void keepsMoreFieldsThanAreTypical() {
        String[] lines = new String[100];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i % 10 == 0 ? "Host: " + i : "n" + i + ": " + i;
        }

        Fields fields = Heads.fields(lines);

        assertThat(fields.size()).isEqualTo(100);
        assertThat(fields.name(99)).isEqualTo("n99");
        assertThat(fields.value(99)).isEqualTo("99");
        assertThat(fields.known(90)).isEqualTo(KnownField.HOST);
        assertThat(fields.known(99)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "X_Forwarded_For",
        "x.forwarded+port",
        "X-Forwarded-Anything",
        "Forwarded",
        "PROXY",
        "x_real_ip",
        "Cf!Connecting~Ip",
        "WL-Proxy-SSL",
        "X-Forward-Proto",
        "X_SSL_Client_Cert"
    })
    void recognisesEveryOtherNameForTheOriginInAnySpelling(String name) {
        assertThat(Heads.fields(name + ": a").known(0)).isEqualTo(KnownField.OTHER_ORIGIN);
    }

    @ParameterizedTest
    @CsvSource({"Content_Length", "content.length", "Transfer_Encoding", "TRANSFER!ENCODING"})
    void recognisesOtherSpellingsOfWhatSaysWhereAMessageEnds(String name) {
        assertThat(Heads.fields(name + ": a").known(0)).isEqualTo(KnownField.OTHER_FRAMING);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OTHER_ORIGIN", "OTHER_FRAMING"})
    void recognisesAFieldInAnyCase(KnownField field) {
        String capitals = field.text().toUpperCase(Locale.ROOT);
        Fields fields =
                Heads.fields(field.text() + ": a", capitals + ": b", field.text() + "x: c", "x" + field.text() + ": d");

        assertThat(fields.known(0)).isEqualTo(field);
        assertThat(fields.known(1)).isEqualTo(field);
        assertThat(fields.known(2)).isNotEqualTo(field);
        assertThat(fields.known(3)).isNotEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource({"content-lengtH_", "hos", "hostt", "user-agen\u00f4", "x-forwarde", "a", "'`-~'"})
    void knowsNoOtherName(String name) {
        byte[] bytes = Pieces.bytes(name);

        assertThat(KnownField.of(bytes, 0, bytes.length)).isNull();
    }

    @Test
    void findsOneFieldAfterTheOther() {
        Fields fields = Heads.fields("Host: a", "x: b", "host: c");

        assertThat(fields.indexOf(KnownField.HOST, 0)).isZero();
        assertThat(fields.indexOf(KnownField.HOST, 1)).isEqualTo(2);
        assertThat(fields.indexOf(KnownField.HOST, 3)).isEqualTo(-1);
        assertThat(fields.first(KnownField.HOST)).isEqualTo("a");
        assertThat(fields.repeats(KnownField.HOST)).isTrue();
        assertThat(fields.contains(KnownField.HOST)).isTrue();
    }

    @Test
    void saysWhatIsNotThere() {
        Fields fields = Heads.fields("x: b", "Host: a");

        assertThat(fields.contains(KnownField.TE)).isFalse();
        assertThat(fields.first(KnownField.TE)).isNull();
        assertThat(fields.repeats(KnownField.TE)).isFalse();
        assertThat(fields.repeats(KnownField.HOST)).isFalse();
        assertThat(Fields.NONE.contains(KnownField.HOST)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "close,                      true",
        "CLOSE,                      true",
        "' \tclose\t ',              true",
        "'keep-alive, Close',        true",
        "'keep-alive,close,x',       true",
        "'a,\t close ,b',            true",
        "',,close,',                 true",
        "'',                         false",
        "',',                        false",
        "closed,                     false",
        "'not close',                false",
        "close;q=1,                  false",
        "'\u00a0close',              false"
    })
    void looksForATokenInAList(String value, boolean found) {
        Fields fields = Heads.fields("Connection: " + value);

        assertThat(fields.hasToken(KnownField.CONNECTION, "close")).isEqualTo(found);
    }

    @Test
    void looksForATokenInEveryFieldOfTheName() {
        Fields fields = Heads.fields("Connection: a", "Upgrade: close", "connection: b, close");

        assertThat(fields.hasToken(KnownField.CONNECTION, "close")).isTrue();
        assertThat(fields.hasToken(KnownField.UPGRADE, "a")).isFalse();
    }

    @Test
    void writesNameAndValueByteForByte() {
        Fields fields = Heads.fields("a:b", "NaMe:  \u0080 \t\u00ff  ", "Empty:");
        ByteBuf out = Unpooled.buffer();

        for (int i = 0; i < fields.size(); i++) {
            fields.writeTo(out, i);
        }

        assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("a: b\r\nNaMe: \u0080 \t\u00ff\r\nEmpty: \r\n");
    }

    @Test
    void everyKnownNameHasABitOfItsOwn() {
        long[] bits = Arrays.stream(KnownField.values())
                .mapToLong(KnownField::bit)
                .distinct()
                .toArray();

        assertThat(bits).hasSameSizeAs(KnownField.values());
    }
}
