package io.hipache.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CipherListTest {
    private static final List<String> TLS13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    @Test
    void isMozillasIntermediateUnlessSomebodyWishesSomethingElse() {
        assertThat(CipherList.intermediate().suites())
                .startsWith(TLS13.toArray(new String[0]))
                .endsWith(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")
                .hasSize(9);
        assertThat(CipherList.parse("DEFAULT")).isEqualTo(CipherList.intermediate());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ECDHE-RSA-AES128-GCM-SHA256 | ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 | ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "AES256-SHA:AES128-SHA | RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA",
                "AES256-SHA, AES128-SHA | RSA_WITH_AES_256_CBC_SHA RSA_WITH_AES_128_CBC_SHA",
                "kRSA+AESGCM | RSA_WITH_AES_128_GCM_SHA256 RSA_WITH_AES_256_GCM_SHA384",
                "EECDH+aRSA+AESGCM !AES256 | ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "!AES256:EECDH+aRSA+AESGCM | ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "kRSA+AESGCM:+AES128 | RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_GCM_SHA256",
                "kRSA+AESGCM:-AES128:AES128-SHA | RSA_WITH_AES_256_GCM_SHA384 RSA_WITH_AES_128_CBC_SHA",
                "kRSA+AES256:!aNULL:!RC4:!SHA:@STRENGTH | RSA_WITH_AES_256_GCM_SHA384",
                "TLS_AES_128_GCM_SHA256 | ''",
            })
    void readsNamesAndExpressions(String text, String names) {
        List<String> suites = CipherList.parse(text).suites();

        assertThat(suites.subList(0, 3)).isEqualTo(TLS13);
        assertThat(String.join(" ", suites.subList(3, suites.size())).replace("TLS_", ""))
                .isEqualTo(names);
    }

    @Test
    void readsTheDefaultOfHipache04() {
        String text = "DH+ECDSA+AESGCM EECDH+aRSA+AESGCM EECDH+ECDSA+SHA384 EECDH+ECDSA+SHA256 EECDH+aRSA+SHA384"
                + " EECDH+aRSA+RC4 EECDH EDH+aRSA RC4 !aNULL !eNULL !LOW !3DES !MD5 !EXP !PSK !SRP !DSS !RC4";

        CipherList list = CipherList.parse(text);

        assertThat(list.suites())
                .contains("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                .noneMatch(name -> name.startsWith("TLS_RSA"));
        assertThat(list.unavailable()).isEmpty();
    }

    @Test
    void tellsWhatExistsButIsNotSpoken() {
        CipherList list = CipherList.parse(
                "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-RC4-SHA:TLS_RSA_WITH_3DES_EDE_CBC_SHA:DES-CBC3-SHA:AES128-SHA");

        assertThat(list.suites()).hasSize(4);
        assertThat(list.unavailable())
                .containsExactly(
                        "DHE-RSA-AES128-GCM-SHA256",
                        "ECDHE-RSA-RC4-SHA",
                        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                        "DES-CBC3-SHA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"EECHD", "AES128-GCM-SHA257", "EECDH+AESGMC", "TLS_ECDHE_RSA_WITH_AES_129_GCM_SHA256", "!FOO"})
    void refusesWhatDoesNotExist(String text) {
        assertThatThrownBy(() -> CipherList.parse("AES128-SHA:" + text))
                .hasMessage("names an unknown cipher suite, " + text.replace("!", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "RC4", "AES128-SHA:!ALL", "DHE-RSA-AES128-GCM-SHA256"})
    void refusesAListThatLeavesNothing(String text) {
        assertThatThrownBy(() -> CipherList.parse(text)).hasMessage("leaves no cipher suite");
    }
}
