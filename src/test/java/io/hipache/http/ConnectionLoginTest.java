package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which logins count for a whole connection. */
class ConnectionLoginTest {

    @ParameterizedTest
    @CsvSource({
        "Authorization: NTLM TlRMTVNT,             true",
        "authorization: ntlm TlRMTVNT,             true",
        "Authorization: Negotiate YII,             true",
        "Authorization: Nego2 YII,                 true",
        "Authorization: Kerberos YII,              true",
        "Proxy-Authorization: NTLM TlRMTVNT,       true",
        "Authorization: NTLM,                      true",
        "Authorization: NTL,                       false",
        "Authorization: Basic bnRsbTpudGxt,        false",
        "Authorization: Bearer ntlm.negotiate,     false",
        "X-Authorization: NTLM TlRMTVNT,           false",
        "WWW-Authenticate: NTLM,                   false"
    })
    void aRequestTriesOne(String field, boolean tried) {
        Fields fields = Heads.request("GET / HTTP/1.1", "Host: h", field).fields();

        assertThat(ConnectionLogin.isTriedBy(fields)).isEqualTo(tried);
    }

    @ParameterizedTest
    @CsvSource({
        "WWW-Authenticate: NTLM,                                true",
        "www-authenticate: negotiate oYG1,                      true",
        "'WWW-Authenticate: Basic realm=\"a\", Negotiate',      true",
        "WWW-Authenticate: Kerberos,                            true",
        "Proxy-Authenticate: NTLM TlRMTVNT,                     true",
        "Authentication-Info: Negotiate oYG1,                   true",
        "Proxy-Authentication-Info: Negotiate oYG1,             true",
        "'WWW-Authenticate: Basic realm=\"a\", Bearer, Digest', false",
        "WWW-Authenticate: NTL,                                 false",
        "WWW-Authenticate:,                                     false",
        "X-Authenticate: NTLM,                                  false"
    })
    void aResponseOffersOne(String field, boolean offered) {
        Fields fields = Heads.response("HTTP/1.1 401 Unauthorized", field).fields();

        assertThat(ConnectionLogin.isOfferedBy(fields)).isEqualTo(offered);
    }
}
