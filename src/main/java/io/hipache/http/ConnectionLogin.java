package io.hipache.http;

/**
 * Recognises the login schemes that count for a whole connection instead of one request: NTLM, and Negotiate or Kerberos
 * as servers implement them (RFC 4559 §6). Whoever sends the next request on such a connection is taken for the user who
 * logged in on it.
 */
public final class ConnectionLogin {
    /** How the names of the schemes begin; Negotiate has a variant that is called Nego2. */
    private static final String[] SCHEMES = {"ntlm", "nego", "kerberos"};

    private ConnectionLogin() {}

    /** Whether a request logs in by one of these schemes. */
    public static boolean isTriedBy(Fields request) {
        for (int i = 0; i < request.size(); i++) {
            KnownField known = request.known(i);
            if (known == KnownField.AUTHORIZATION || known == KnownField.PROXY_AUTHORIZATION) {
                for (String scheme : SCHEMES) {
                    if (request.valueBegins(i, scheme)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Whether a response asks for such a login, or goes on with one. A challenge may stand behind others in one value, so
     * a word that only looks like a scheme counts too: that costs a connection, and no more.
     */
    public static boolean isOfferedBy(Fields response) {
        for (int i = 0; i < response.size(); i++) {
            KnownField known = response.known(i);
            if (known == KnownField.WWW_AUTHENTICATE
                    || known == KnownField.PROXY_AUTHENTICATE
                    || known == KnownField.AUTHENTICATION_INFO
                    || known == KnownField.PROXY_AUTHENTICATION_INFO) {
                for (String scheme : SCHEMES) {
                    if (response.valueContains(i, scheme)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
