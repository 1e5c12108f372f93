package io.hipache.http;

import java.util.Arrays;
import java.util.List;

/**
 * Recognises the names of fields with which proxies and servers in front tell where a request came from, who sent it, and what
 * it looked like when it came. Some backends (CGI, WSGI, PHP, lighttpd) cannot tell {@code X_Forwarded.For} from {@code
 * X-Forwarded-For}: they fold case, and every byte that is neither a letter nor a digit. So the names are folded here in
 * the same way.
 */
final class OriginNames {
    /** Every name that begins like this. */
    private static final String[] BEGINNINGS = {"x-forwarded", "forwarded"};

    /** Names in full. docs/security.md lists them. */
    private static final List<String> NAMES = List.of(
            // a CGI program takes this for the proxy of its own requests (httpoxy, CVE-2016-5385)
            "proxy",
            "x-forward-for",
            "x-forward-proto",
            "x-forwarder-for",
            "x-real-ip",
            "x-request-id",
            "x-real-port",
            "x-real-proto",
            "x-real-scheme",
            "x-real-host",
            "client-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "true-client-ip",
            "x-true-client-ip",
            "cf-connecting-ip",
            "cf-connecting-ipv6",
            "cf-pseudo-ipv4",
            "cf-visitor",
            "fastly-client-ip",
            "fastly-ssl",
            "fly-client-ip",
            "x-appengine-user-ip",
            "x-azure-clientip",
            "x-azure-socketip",
            "x-envoy-external-address",
            "x-envoy-internal",
            "x-vercel-forwarded-for",
            "x-vercel-proxied-for",
            "x-nf-client-connection-ip",
            "do-connecting-ip",
            "incap-client-ip",
            "akamai-client-ip",
            "akamai-origin-hop",
            "cloudfront-forwarded-proto",
            "cloudfront-viewer-address",
            "cdn-src-ip",
            "cdn-real-ip",
            "x-cdn-src-ip",
            "x-sucuri-clientip",
            "x-azure-fdid",
            "x-coming-from",
            "wl-proxy-ssl",
            "wl-proxy-client-cert",
            "wl-proxy-client-port",
            "x-ssl",
            "x-https",
            "x-ssl-cert",
            "x-ssl-client-cert",
            "x-ssl-client-dn",
            "x-ssl-client-s-dn",
            "x-ssl-client-verify",
            "ssl-client-cert",
            "ssl-client-s-dn",
            "ssl-client-verify",
            "x-client-cert",
            "x-client-verify",
            "client-cert",
            "client-cert-chain",
            "x-arr-clientcert",
            "x-remote-user",
            "remote-user",
            "proxy-client-ip",
            "wl-proxy-client-ip",
            "x-proxyuser-ip",
            "remote-addr",
            "remote-host",
            "x-remote-addr",
            "x-remote-ip",
            "x-originating-ip",
            "x-original-addr",
            "x-original-for",
            "x-original-forwarded-for",
            "x-original-host",
            "x-original-ip",
            "x-original-method",
            "x-original-port",
            "x-original-proto",
            "x-original-remote-addr",
            "x-original-scheme",
            "x-original-uri",
            "x-original-url",
            "x-rewrite-uri",
            "x-rewrite-url",
            "x-host",
            "x-http-host-override",
            "x-scheme",
            "x-url-scheme",
            "x-arr-ssl",
            "front-end-https");

    private static final String[] FRAMING = {"content-length", "transfer-encoding"};

    private static final String[][] BY_LENGTH = byLength();

    private OriginNames() {}

    /** Whether this is such a name, in any spelling. */
    static boolean contain(byte[] bytes, int start, int end) {
        int length = end - start;
        for (String beginning : BEGINNINGS) {
            if (length >= beginning.length() && folds(bytes, start, beginning)) {
                return true;
            }
        }
        if (length < BY_LENGTH.length) {
            for (String name : BY_LENGTH[length]) {
                if (folds(bytes, start, name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether this is the name of a field that says where a message ends, in any spelling. */
    static boolean isFraming(byte[] bytes, int start, int end) {
        for (String name : FRAMING) {
            if (end - start == name.length() && folds(bytes, start, name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the bytes at {@code start} are {@code folded} in one of its spellings. Most names differ in the first byte. */
    private static boolean folds(byte[] bytes, int start, String folded) {
        for (int i = 0; i < folded.length(); i++) {
            char wanted = folded.charAt(i);
            byte b = bytes[start + i];
            if (wanted == '-' ? isLetterOrDigit(b) : Ascii.lower(b) != wanted) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(byte b) {
        return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }

    private static String[][] byLength() {
        int longest = NAMES.stream().mapToInt(String::length).max().orElse(0);
        String[][] table = new String[longest + 1][];
        Arrays.setAll(
                table,
                length -> NAMES.stream().filter(name -> name.length() == length).toArray(String[]::new));
        return table;
    }
}
